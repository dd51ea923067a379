# frozen_string_literal: true

require_relative "../native/marked_run"

# Programs in a Ruby of their own, under a limit that is raised step by step. At each step a run ends with
# an error that names the limit or is whole, no item is lost, nothing is left, and the next run is whole.
RSpec.describe "limits of the system", timeout: 300 do
  # Until an error is told it may take this long on a machine that is busy with other work; the time that
  # is promised is three seconds.
  let(:seconds) { 20 }

  def told_by(script, *arguments, under: [])
    Dir.mktmpdir do |dir|
      File.chmod(0o1777, dir) # the program may run as another user
      run = MarkedRun.new("-I#{Processes::ROOT}/lib", "#{Processes::ROOT}/spec/scripts/#{script}.rb", *arguments,
                          env: { "TMPDIR" => dir }, deadline: 200, under: under).call
      expect(run.remains).to eq([]), run.stderr
      expect(run.status).to be_success, run.stderr
      JSON.parse(run.stdout.lines.last, symbolize_names: true)
    end
  end

  def expect_steps(told)
    expect(told).to include(problems: [])
    expect(told).to include(errors: be >= 1, steps: be > 2, slowest: be < seconds)
  end

  def as_root
    skip "needs root" unless Process.uid.zero?
  end

  # A number that no user of the system has, nor another run of this spec.
  def user = 100_000 + (2 * Process.pid)

  # Most of the time each of them waits.
  def in_both
    %w[processes process_per_batch].each_with_index.map { |kind, index| Thread.new { yield kind, index } }.each(&:join)
  end

  it "of descriptors give clear errors, and the next run works (reliability P10)" do
    in_both { |kind| expect_steps(told_by("limit_nofile", kind)) }
  end

  it "of processes give clear errors, and the next run works (reliability P10)" do
    as_root
    in_both { |kind, index| expect_steps(told_by("limit_nproc", kind, (user + index).to_s)) }
  end

  it "of memory give clear errors, and the next run works (reliability P10)" do
    in_both { |kind| expect_steps(told_by("limit_as", kind)) }
  end

  it "of threads end a run that has not begun, and the next run works (reliability P10)" do
    as_root
    skip "a refused thread stops Ruby 3.3 for good, as docs/reliability.md says" if RUBY_VERSION.start_with?("3.3.")
    expect_steps(told_by("limit_nproc", "threads", user.to_s))
  end

  it "of a disk fail the item that needs more; /dev/shm is not needed (reliability P10, M1)" do
    as_root
    skip "needs a mount namespace" unless system("unshare", "-m", "true", err: File::NULL)
    in_both do |kind|
      told = Dir.mktmpdir { |dir| told_by("limit_disk", kind, dir, under: %w[unshare -m]) }

      expect(told[:full][:sizes]).to eq([0, 2, 3].map { |n| [n, 4 * 65_536] })
      expect(told[:full][:failures]).to match([["1", /\ANo space left on device.*emissions are held back/, 2]])
      expect(told[:again]).to eq(sizes: [0, 1, 2, 3].map { |n| [n, (n == 1 ? 24 : 4) * 65_536] }, failures: [])
      expect(told.values_at(:left, :shm)).to eq([[], ["full"]])
      expect(told[:after]).to eq(told[:before])
    end
  end
end
