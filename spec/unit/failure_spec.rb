# frozen_string_literal: true

RSpec.describe Minigun::Failure do
  def failure(error, item: "1")
    described_class.new(stage: :parse, item: item, error: error, count: 1, attempt: 1, delivered: 0)
  end

  it "is one line that names stage, error and item (contract 21.4)" do
    expect(failure(IOError.new("closed")).to_s).to eq("parse: closed (IOError) [item 1]")
  end

  it "names the class an exception had in the child" do
    remote = Minigun::RemoteError.new("bad row", class_name: "Csv::Malformed")
    expect(failure(remote).to_s).to eq("parse: bad row (Csv::Malformed) [item 1]")
    expect(failure(remote).to_h[:error]).to eq(class: "Csv::Malformed", message: "bad row")
  end

  it "is plain data when asked" do
    expect(failure(IOError.new("closed")).to_h)
      .to eq(stage: :parse, item: "1", count: 1, attempt: 1, delivered: 0, cause: :exception,
             error: { class: "IOError", message: "closed" })
    expect { failure(IOError.new("closed")).to_h.to_json }.not_to raise_error
  end

  {
    "an exception" => [IOError.new("closed"), :exception, nil, nil],
    "a signal" => [Minigun::WorkerDied.new(signal: 9), :signal, "SIGKILL", nil],
    "a signal that raised" => [SignalException.new("TERM"), :signal, "SIGTERM", nil],
    "a signal without a name" => [Minigun::WorkerDied.new(signal: 60), :signal, "signal 60", nil],
    "an exit code" => [Minigun::WorkerDied.new(exit_code: 7), :exit, nil, 7],
    "an exit" => [SystemExit.new(3), :exit, nil, 3],
    "a status that somebody else took" => [Minigun::WorkerDied.new, :in_doubt, nil, nil],
    "memory, as the kernel says" => [Minigun::WorkerDied.new(signal: 9, out_of_memory: true), :out_of_memory,
                                     "SIGKILL", nil],
    "memory, as Ruby says" => [NoMemoryError.new, :out_of_memory, nil, nil],
    "memory, as Ruby said in a child" => [Minigun::RemoteError.new(class_name: "NoMemoryError"), :out_of_memory,
                                          nil, nil],
    "a deadline" => [Minigun::WorkerTimeout.new(seconds: 1), :deadline, nil, nil],
    "a deadline of the start" => [Minigun::WorkerStartTimeout.new(seconds: 1), :start_deadline, nil, nil],
    "poison" => [Minigun::PoisonItem.new(deaths: 3, last: Minigun::WorkerDied.new(signal: 11)), :signal, "SIGSEGV",
                 nil]
  }.each do |what, (error, cause, signal, exit_code)|
    it "tells #{what} as the cause (reliability P18)" do
      expect(failure(error)).to have_attributes(cause: cause, signal: signal, exit_code: exit_code)
      expect(failure(error).to_h).to include({ cause: cause, signal: signal, exit_code: exit_code }.compact)
    end
  end

  it "tells the memory of a process that died (reliability P18)" do
    died = Minigun::WorkerDied.new(signal: 9, peak_rss: 50_000_000)
    [died, Minigun::PoisonItem.new(deaths: 3, last: died)].each do |error|
      expect(failure(error).peak_rss).to eq(50_000_000)
      expect(failure(error).to_h).to include(peak_rss: 50_000_000)
    end
    expect(failure(IOError.new).peak_rss).to be_nil
  end

  it "tells what had gone on, and the attempt" do
    failure = described_class.new(stage: :parse, item: "1", error: IOError.new("closed"), count: 1, attempt: 3,
                                  delivered: 50)
    expect(failure.to_s).to eq("parse: closed (IOError) [item 1, attempt 3, 50 emits delivered]")
  end

  describe ".describe" do
    it "shows small items as they are" do
      expect([nil, false, 7, "text", :name, [1, 2], { a: 1 }].map { |item| described_class.describe(item) })
        .to eq(["nil", "false", "7", "\"text\"", ":name", "[1, 2]", { a: 1 }.inspect])
    end

    it "cuts long ones" do
      object = Class.new { def inspect = "x" * 1_000 }.new
      expect(described_class.describe(object)).to eq("#{"x" * 200}...")
      expect(described_class.describe("y" * 1_000)).to include("1000 characters").and(satisfy { |text|
        text.size < 300
      })
    end

    it "counts large containers instead of showing them" do
      expect(described_class.describe(Array.new(5_000))).to eq("Array of 5000")
      expect(described_class.describe((1..500).to_h { |i| [i, i] })).to eq("Hash of 500")
    end

    it "survives an inspect that raises" do
      stub_const("Shy", Class.new { def inspect = raise(IOError) })
      expect(described_class.describe(Shy.new)).to eq("Shy (inspect raised IOError)")
    end

    it "survives broken text" do
      expect(described_class.describe("\xFF")).to eq("\"\\xFF\"")
    end
  end
end
