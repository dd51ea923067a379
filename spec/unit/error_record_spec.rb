# frozen_string_literal: true

RSpec.describe Minigun::Execution::ErrorRecord do
  def raised
    yield
  rescue Exception => e # rubocop:disable Lint/RescueException -- any of them may have to travel
    e
  end

  # As it arrives in the parent.
  def arrived(error)
    described_class.load(Marshal.load(Marshal.dump(described_class.dump(error))))
  end

  it "brings the very exception home where Marshal can carry it (contract 10.4, 11)" do
    error = arrived(raised { raise KeyError.new("no such key", receiver: { a: 1 }, key: :b) })
    expect(error).to be_a(KeyError).and have_attributes(message: "no such key", key: :b, receiver: { a: 1 })
    expect(error.backtrace.first).to include(__FILE__)
  end

  it "brings class name, message and backtrace of any other (contract 10.4)" do
    secret = Class.new(StandardError) { def self.name = "Elsewhere::Secret" }
    error = arrived(raised { raise secret, "hidden" })
    expect(error).to be_a(Minigun::RemoteError).and have_attributes(class_name: "Elsewhere::Secret", message: "hidden")
    expect(error.backtrace.first).to include(__FILE__)
  end

  it "brings one home that holds what cannot be dumped" do
    original = raised { raise IOError, "pipe" }
    original.instance_variable_set(:@io, $stdout)
    expect(arrived(original)).to have_attributes(class_name: "IOError", message: "pipe")
  end

  it "brings one with a backtrace of ten thousand lines home as itself" do
    deep = ->(level) { deep.call(level + 1) }
    error = arrived(raised { deep.call(0) })
    expect(error).to be_a(SystemStackError)
    expect(error.backtrace.size).to eq(121)
  end

  it "says whether it was a StandardError when it cannot come as itself" do
    errors = [Class.new(StandardError), Class.new(ScriptError)].map { |kind| arrived(raised { raise kind, "x" }) }
    expect(errors.map(&:standard?)).to eq([true, false])
  end

  it "brings causes home" do
    error = raised do
      raise ArgumentError, "inner"
    rescue ArgumentError
      raise IOError, "outer"
    end
    expect(arrived(error).cause).to be_a(Exception).and have_attributes(message: "inner")
  end

  it "brings causes of one home that cannot be dumped, five deep" do
    error = (1..9).inject(nil) do |cause, i|
      raised { raise Class.new(StandardError), "level #{i}", cause: cause }
    end
    messages = []
    error = arrived(error)
    while error
      messages << error.message
      error = error.cause
    end
    expect(messages).to eq((4..9).to_a.reverse.map { |i| "level #{i}" })
  end

  it "cuts a message above 64 KiB, and says so" do
    error = arrived(raised { raise "é" * 100_000 })
    expect(error.message.bytesize).to be_between(64 * 1024, (64 * 1024) + 100)
    expect(error.message).to end_with("(200000 bytes)").and be_valid_encoding
    expect(error.class_name).to eq("RuntimeError")
  end

  it "keeps both ends of a long backtrace" do
    def self.deep(count) = count.zero? ? raise(Class.new(StandardError), "bottom") : deep(count - 1)
    trace = arrived(raised { deep(1_000) }).backtrace
    expect(trace.size).to be <= 200
    expect(trace[0]).to include("deep")
    expect(trace.grep(/\.\.\. \d+ lines \.\.\./).size).to eq(1)
  end

  it "survives messages and dumps that raise" do
    broken = Class.new(StandardError) do
      def self.name = "Broken"
      def message = raise("no message")
      def marshal_dump = raise("no dump")
    end
    expect(arrived(raised do
      raise broken
    end)).to have_attributes(class_name: "Broken", message: "(message raised RuntimeError)")
  end

  it "takes an exception without a backtrace" do
    expect(arrived(ArgumentError.new("never raised"))).to be_a(ArgumentError).and have_attributes(backtrace: nil)
  end

  it "carries binary and broken text" do
    expect(arrived(raised { raise "\xFF\xFE broken" }).message).to eq("\xFF\xFE broken")
    expect(arrived(raised { raise "\x00\xFF".b }).message).to eq("\x00\xFF".b)
  end

  it "carries what is not a StandardError" do
    expect(arrived(raised { exit(3) })).to be_a(SystemExit).and have_attributes(status: 3)
    expect(arrived(raised { raise NotImplementedError, "abstract" })).to be_a(NotImplementedError)
  end
end
