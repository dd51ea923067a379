# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "codec_support"

RSpec.describe "The codec and the garbage collector" do
  include CodecSupport

  after do
    GC.stress = false
    GC.auto_compact = false if GC.respond_to?(:auto_compact=) && compaction?
  end

  def compaction?
    GC.respond_to?(:compact) && GC.compact
  rescue NotImplementedError
    false
  end

  # Symbols and strings nobody else holds, embedded ones and others, on every path.
  def fresh_value(number)
    { "key#{number}": [:"dynamic#{number}", "text" * number, :"dynamic#{number}"],
      "s#{number}" => CodecSupport::Point.new(2**70, CodecSupport::Thing.new("s" * 30)),
      list: Array.new(10) { |i| { i => i.to_s } }, time: Time.at(number).utc, range: (1..(2**65)) }
  end

  it "get along under GC.stress" do
    values = Array.new(ENV["LONG"] ? 5 : 1) { |i| fresh_value(i) }
    copies = values.map do |value|
      GC.stress = true
      round_trip(value)
    ensure
      GC.stress = false
    end
    expect(copies).to eq(values)
  end

  it "get along while objects move" do
    skip "no compaction here" unless compaction?

    GC.auto_compact = true
    20.times do |i|
      value = fresh_value(i)
      copy = round_trip(value)
      GC.start
      expect(copy).to eq(value)
    end
  end

  it "get along when user code collects and compacts in the middle" do
    can_compact = compaction?
    CodecSupport::Meddler.action = lambda do
      GC.start
      GC.compact if can_compact
      Array.new(1000) { |i| :"filler #{i} #{rand}" }.size
    end
    value = [:"before#{rand}", "text", CodecSupport::Meddler.new, :"after#{rand}", "more" * 10]
    value << value[0] << value[3]
    copy = round_trip(value)
    expect(copy.values_at(0, 1, 3, 4, 5, 6)).to eq(value.values_at(0, 1, 3, 4, 5, 6))
  end

  it "keep the Symbols of a ring while there is one" do
    skip "no compaction here" unless compaction?

    child = Minigun::Native::Child.new(ring: 4096, inbox: 4096)
    child.spawn do |channel|
      while (record = channel.read)
        GC.compact
        channel.write(1, 0, record[2])
        GC.start
      end
      channel.finish
    end
    3.times do
      4.times { |i| child.write(1, 0, [:"ring symbol #{i}", i]) }
      GC.compact
      expect(Array.new(4) { child.read(5)[2] }).to eq(Array.new(4) { |i| [:"ring symbol #{i}", i] })
    end
  ensure
    child.close
  end

  it "get along with verification of references" do
    skip "no verification here" unless GC.respond_to?(:verify_compaction_references) && compaction?

    value = fresh_value(3)
    bytes = Minigun::Native.dump(value)
    options = RUBY_VERSION < "3.2" ? { double_heap: true } : { expand_heap: true }
    GC.verify_compaction_references(toward: :empty, **options)
    expect(Minigun::Native.load(bytes)).to eq(value)
  end

  it "leak no memory when encoding fails" do
    value = ["x" * 1_000_000, proc {}]
    grown = lambda do |times|
      times.times { expect { Minigun::Native.dump(value) }.to raise_error(Minigun::SerializationError) }
      GC.start
      File.read("/proc/self/statm").split[1].to_i * 4096
    end
    skip "no /proc here" unless File.exist?("/proc/self/statm")
    skip "AddressSanitizer keeps what was freed" if ENV.key?("ASAN_OPTIONS")

    before = grown.call(20)
    expect(grown.call(100) - before).to be < 30_000_000
  end
end
