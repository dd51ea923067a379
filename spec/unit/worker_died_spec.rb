# frozen_string_literal: true

RSpec.describe Minigun::WorkerDied do
  def text(**options) = described_class.new(pid: 7, stage: :parse, **options).message

  it "says who died, of what, and with how much memory (reliability P18)" do
    expect(text(signal: 9, peak_rss: 50 << 20))
      .to eq("worker process 7 of stage :parse was killed by SIGKILL (peak memory 50 MB)")
    expect(text(signal: 9, out_of_memory: true, peak_rss: 50 << 20))
      .to eq("worker process 7 of stage :parse was killed by the kernel: out of memory (peak memory 50 MB)")
    expect(text(exit_code: 3)).to eq("worker process 7 of stage :parse exited with status 3 before its work was done")
    expect(text(signal: 60)).to eq("worker process 7 of stage :parse was killed by signal 60")
    expect(described_class.new.message).to eq("worker process died before its work was done")
  end

  it "says what a signal is known to mean" do
    {
      "ABRT" => /SIGABRT \(a crash of Ruby or of native code, or a failed assertion: see what it printed on stderr\)\z/,
      "SEGV" => /a crash of native code/, "SYS" => /forbidden/, "XCPU" => /RLIMIT_CPU/, "XFSZ" => /RLIMIT_FSIZE/
    }.each { |name, hint| expect(text(signal: Signal.list.fetch(name))).to match(hint) }
    expect(text(signal: Signal.list.fetch("ABRT"), peak_rss: 1 << 20)).to end_with("stderr; peak memory 1 MB)")
  end
end
