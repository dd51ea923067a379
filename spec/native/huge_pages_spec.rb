# frozen_string_literal: true

# What moves and what does not: core/huge_test.c.
RSpec.describe "memory in huge pages before many forks", if: RUBY_PLATFORM.include?("linux") do
  # @return [Hash]
  def run_with(heap)
    result = run_script(File.join(Processes::ROOT, "spec/scripts/huge_pages.rb"), heap)
    expect(result).to be_success, result.stderr
    JSON.parse(result.stdout.lines.last, symbolize_names: true)
  end

  # Linux 6.1 and later can do it at all; an administrator can forbid it.
  def available?
    version = Etc.uname[:release].split(".").first(2).map(&:to_i)
    (version <=> [6, 1]) >= 0 && !File.read("/sys/kernel/mm/transparent_hugepage/enabled").include?("[never]")
  rescue SystemCallError
    false
  end

  let(:whole) { { results: [*0...40], kept: (0...300_000).sum } }

  it "is done step by step; everything is as it was, the switch of the process too" do
    with = run_with("warm")
    without = run_with("cold")
    expect(with).to include(whole)
    expect(without).to include(whole).and include(huge: 0)
    expect(with[:switch]).to eq(without[:switch])
    available? ? expect(with[:huge]).to(be_positive) : expect(with[:huge]).to(eq(0))
  end

  it "refuses a time that is none" do
    child = Minigun::Native::Child.new
    expect { Minigun::Native.huge_pages(-1, child) }.to raise_error(ArgumentError, /must not be negative: -1/)
    expect { Minigun::Native.huge_pages("long", child) }.to raise_error(TypeError)
  ensure
    child.close
  end
end
