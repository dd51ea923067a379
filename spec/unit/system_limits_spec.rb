# frozen_string_literal: true

RSpec.describe Minigun::SystemLimits do
  def explain(error) = described_class.explain(error::Errno)

  def within(resource, soft)
    before = Process.getrlimit(resource)
    Process.setrlimit(resource, soft, before.last)
    yield
  ensure
    Process.setrlimit(resource, *before)
  end

  it "names the limit that an error of the system stands for, and its value (reliability P18)" do
    within(:NOFILE, 512) { expect(explain(Errno::EMFILE)).to eq(" (RLIMIT_NOFILE: 512 open files of a process)") }
    within(:AS, 1 << 40) { expect(explain(Errno::ENOMEM)).to include("RLIMIT_AS: #{1 << 40} bytes of address space") }
    within(:NPROC, 9_999) { expect(explain(Errno::EAGAIN)).to include("RLIMIT_NPROC: 9999 processes and threads") }
  end

  it "names what else it may be where the process has no limit" do
    within(:AS, Process.getrlimit(:AS).last) do
      expect(explain(Errno::ENOMEM)).to include("vm.overcommit_memory").or include("RLIMIT_")
    end
    expect(explain(Errno::ENFILE)).to include("fs.file-max")
    expect(explain(Errno::ENOENT)).to eq("")
  end

  it "names the narrowest of the control groups around this process" do
    Dir.mktmpdir do |dir|
      outer = File.join(dir, "outer")
      FileUtils.mkdir_p(inner = File.join(outer, "inner"))
      { inner => %w[max 3], outer => %w[20 18] }.each do |path, (limit, used)|
        File.write(File.join(path, "pids.max"), "#{limit}\n")
        File.write(File.join(path, "pids.current"), "#{used}\n")
      end
      allow(Minigun::ControlGroups).to receive(:directories).and_return([inner, outer, dir])
      expect(explain(Errno::EAGAIN)).to end_with("pids.max: 20 processes and threads of the control group, 18 there)")
    end
  end

  it "leaves the class of an error, and an error without a limit as it is" do
    expect { described_class.named { raise Errno::EMFILE } }.to raise_error(Errno::EMFILE, /RLIMIT_NOFILE: \d+/)
    expect { described_class.named { raise ThreadError, "no" } }.to raise_error(ThreadError, /\Ano .*RLIMIT_NPROC/)
    expect { described_class.named { raise Errno::ENOENT, "x" } }.to raise_error(Errno::ENOENT, /x\z/)
    expect(described_class.named { 1 }).to eq(1)
  end
end
