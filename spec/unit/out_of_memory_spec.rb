# frozen_string_literal: true

RSpec.describe Minigun::Execution::OutOfMemory do
  def written(text)
    Tempfile.create("counters") do |file|
      File.write(file.path, text)
      yield file.path
    end
  end

  it "counts what the kernel has killed, in the first file that tells (reliability P18)" do
    written("low 0\noom 4\noom_kill 3\noom_group_kill 0\n") do |group|
      written("pgfault 12\noom_kill 7\n") do |system|
        expect(described_class.kills([group, system])).to eq(3)
        expect(described_class.kills(["/nonexistent/events", system])).to eq(7)
      end
    end
  end

  it "reads what a hierarchy of its own for memory says" do
    written("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n") { |file| expect(described_class.kills([file])).to eq(5) }
  end

  it "says nothing where nothing tells" do
    written("pgfault 12\n") { |file| expect(described_class.kills(["/nonexistent/events", file])).to be_nil }
  end

  it "finds a counter on this system" do
    skip "no counter here" unless File.exist?(described_class::SYSTEM)
    expect(described_class.kills).to be_an(Integer)
  end

  it "looks for the counter of this process once" do
    described_class.kills
    allow(Minigun::ControlGroups).to receive(:directories).and_call_original
    described_class.kills
    skip "no counter here" unless described_class.kills
    expect(Minigun::ControlGroups).not_to have_received(:directories)
  end
end
