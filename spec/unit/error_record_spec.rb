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

  it "brings one home that holds what cannot be dumped: class, message and what else it holds (contract 11)" do
    original = raised { raise IOError, "pipe" }
    original.instance_variable_set(:@io, $stdout)
    original.instance_variable_set(:@code, 7)
    error = arrived(original)
    expect(error).to be_an_instance_of(IOError).and have_attributes(message: "pipe")
    expect(error.instance_variable_get(:@code)).to eq(7)
    expect(error.backtrace).to eq(original.backtrace)
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

  it "brings causes of one home that cannot be dumped, twenty deep" do
    error = (1..30).inject(nil) do |cause, i|
      raised { raise Class.new(StandardError), "level #{i}", cause: cause }
    end
    messages = []
    error = arrived(error)
    while error
      messages << error.message
      error = error.cause
    end
    expect(messages).to eq((10..30).to_a.reverse.map { |i| "level #{i}" })
  end

  it "cuts a message above 64 KiB, and says so" do
    error = arrived(raised { raise "é" * 100_000 })
    expect(error).to be_an_instance_of(RuntimeError)
    expect(error.message.bytesize).to be_between(64 * 1024, (64 * 1024) + 100)
    expect(error.message).to end_with("(200000 bytes)").and be_valid_encoding
  end

  it "dumps no more of what an exception holds than travels (contract 11)" do
    dumped = 0
    row = Class.new { define_method(:marshal_dump) { (dumped += 1) && ("x" * 10_000) } }
    stub_const("ReceivedRow", row)
    rows = Array.new(1_000) { row.new }
    error = arrived(raised { raise KeyError.new("no key", receiver: rows, key: :id) })
    expect(dumped).to be_between(20, 100)
    expect(error).to be_an_instance_of(KeyError).and have_attributes(message: "no key", key: :id)
    expect { error.receiver }.to raise_error(ArgumentError)
  end

  it "keeps both ends of a long backtrace" do
    def self.deep(count) = count.zero? ? raise(Class.new(StandardError), "bottom") : deep(count - 1)
    trace = arrived(raised { deep(1_000) }).backtrace
    expect(trace.size).to be <= 200
    expect(trace[0]).to include("deep")
    expect(trace.grep(/\.\.\. \d+ lines \.\.\./).size).to eq(1)
  end

  # Classes of exceptions whose own methods work against them.
  odd = {
    message: -> { def message = raise("no message") },
    message_not_implemented: -> { def message = raise(NotImplementedError) },
    message_without_end: -> { def message = message },
    message_that_exits: -> { def message = exit(3) },
    message_nil: -> { def message = nil },
    cause: -> { def cause = raise("no cause") },
    backtrace: -> { def backtrace = raise("no backtrace") },
    marshal_dump: -> { def marshal_dump = raise(NotImplementedError) },
    marshal_dump_that_exits: -> { def marshal_dump = exit(3) },
    marshal_load: lambda {
      def marshal_dump = [1]
      def marshal_load(_) = raise("no load")
    },
    another_object: lambda {
      def _dump(_level) = ""
      def self._load(_bytes) = 42
    },
    class_name: -> { def self.name = raise("no name") },
    constructor: -> { def initialize(first, second:) = super("#{first} #{second}") }
  }

  odd.each do |what, body|
    it "brings one home as its class whose #{what.to_s.tr("_", " ")} is odd (contract 11)" do
      kind = stub_const("OddError", Class.new(StandardError) { class_exec(&body) })
      error = arrived(raised { raise(what == :constructor ? kind.new("a", second: "b") : kind) })
      expect(error).to be_an_instance_of(kind)
    end
  end

  it "says what a message would have said that is made from what cannot travel (contract 11)" do
    stub_const("LostConnection", Class.new(StandardError) do
      def initialize(connection)
        super()
        @connection = connection
      end

      def message = "lost #{@connection.fileno}"
    end)
    error = arrived(raised { raise LostConnection.new($stdout) }) # rubocop:disable Style/RaiseArgs -- a constructor of its own
    expect(error).to be_an_instance_of(LostConnection).and have_attributes(message: "lost 1")
  end

  it "brings causes home that can travel of one that cannot, and the other way round (contract 11)" do
    undumpable = ->(error) { error.tap { error.instance_variable_set(:@io, $stdout) } }
    first = raised { raise undumpable.call(IOError.new("outer")), cause: KeyError.new("inner", key: 1, receiver: {}) }
    expect(arrived(first).cause).to be_an_instance_of(KeyError).and have_attributes(message: "inner", key: 1)
    second = raised { raise KeyError.new("outer", key: 1, receiver: {}), cause: undumpable.call(IOError.new("inner")) }
    expect(arrived(second)).to be_an_instance_of(KeyError).and have_attributes(message: "outer", key: 1)
    expect(arrived(second).cause).to be_an_instance_of(IOError).and have_attributes(message: "inner")
  end

  it "brings home whose cause alone is of a class that is not known here (contract 11)" do
    stub_const("KnownThere", Class.new(IOError))
    record = described_class.dump(raised { raise ArgumentError, "outer", cause: KnownThere.new("inner") })
    hide_const("KnownThere")
    error = described_class.load(record)
    expect(error).to be_an_instance_of(ArgumentError).and have_attributes(message: "outer")
    expect(error.cause).to be_a(Minigun::RemoteError).and have_attributes(class_name: "KnownThere", message: "inner")
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
