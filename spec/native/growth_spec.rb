# frozen_string_literal: true

# What is reserved, and what it costs: core/growth_test.c.
RSpec.describe "memory that is allocated in a run", if: RUBY_PLATFORM.include?("linux") do
  # @return [Hash]
  def run_in(*arguments, env: {})
    result = run_script(File.join(Processes::ROOT, "spec/scripts/growth.rb"), *arguments, env: env)
    expect(result).to be_success, result.stderr
    JSON.parse(result.stdout.lines.last, symbolize_names: true)
  end

  # Linux 6.18 and later lets a process have what it asks for, and nothing else; before that only the
  # administrator can have said so for all processes.
  def available?
    setting = File.read("/sys/kernel/mm/transparent_hugepage/enabled")
    version = Etc.uname[:release].split(".").first(2).map(&:to_i)
    setting.include?("[madvise]") || (setting.include?("[always]") && (version <=> [6, 18]) >= 0)
  rescue SystemCallError
    false
  end

  # Sanitizers and the like come before the C library.
  def glibc? = !RbConfig::CONFIG["host_os"].include?("musl") && ENV["LD_PRELOAD"].to_s.empty?

  %w[inline threads processes process_per_batch].each do |place|
    it "comes in huge pages, and the switch of the process is what it was (#{place})" do
      outcome = run_in(place)
      expect(outcome).to include(before: 0, switch: 1)
      expect(outcome[:size]).to be > 39_000_000
      expect(outcome[:bytes] > 4 << 20).to be(available? && glibc?)
    end
  end

  it "comes as ever where malloc was set up otherwise" do
    expect(run_in("threads", env: { "MALLOC_TOP_PAD_" => "131072" })).to include(bytes: 0, switch: 1)
  end

  it "comes as ever in a run with `warmup: false`" do
    %w[threads process_per_batch].each { |place| expect(run_in(place, "cold")).to include(bytes: 0, switch: 1) }
  end
end
