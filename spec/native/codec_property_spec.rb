# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "codec_support"
require_relative "codec_values"

# Ruby 3.1 hangs when it first needs one of these in a process that has had Ractors, as that of other specs may.
%w[UTF-16 UTF-32].each { |name| Encoding.find(name) }

RSpec.describe "The codec under random values and bytes" do
  include CodecSupport

  let(:seed) { Integer(ENV.fetch("SEED", "20240229")) }
  let(:random) { Random.new(seed) }
  let(:sample) do
    [1, -2**70, 1.5, "text é", "\xFF".b, "x".encode("UTF-16LE"), :a, :é, [nil, true, [:a]],
     { id: 7, "name" => "n", 3 => { a: [] } }, 1..5, Time.at(1, 2, :nsec).utc, Time.at(0).localtime("+01:00"),
     CodecSupport::Point.new(1, CodecSupport::Point.new(:a, "b")), "long" * 50]
  end

  it "gives what Marshal gives" do
    values = CodecValues.new(random)
    (ENV["LONG"] ? 5_000 : 500).times do |i|
      value = values.next
      found = CodecSupport.difference(round_trip(value), marshal_trip(value))
      expect(found).to be_nil, "value #{i}, SEED=#{seed}: #{found}"
    end
  end

  # A value, or one of the errors that stand for bytes gone bad.
  def outcome(bytes)
    Minigun::Native.load(bytes)
    :value
  rescue Minigun::RingCorrupted, Minigun::SerializationError => e
    e.class
  end

  it "refuses what was cut short anywhere" do
    bytes = Minigun::Native.dump(sample << CodecSupport::Thing.new([1]))
    outcomes = (0...bytes.bytesize).map { |length| outcome(bytes.byteslice(0, length)) }
    expect(outcomes.uniq).to eq([Minigun::RingCorrupted])
  end

  it "refuses what has bytes to spare" do
    [sample, 1, "s", nil].each do |value|
      expect(outcome("#{Minigun::Native.dump(value)}\x01")).to eq(Minigun::RingCorrupted)
    end
  end

  # What Marshal makes of damaged bytes is its own affair: from here on it gets none.
  it "ends with every bit flipped" do
    bytes = Minigun::Native.dump(sample)
    outcomes = (0...(bytes.bytesize * 8)).map do |bit|
      outcome(bytes.dup.tap { |damaged| damaged.setbyte(bit / 8, bytes.getbyte(bit / 8) ^ (1 << (bit % 8))) })
    end
    expect(outcomes).to include(:value, Minigun::RingCorrupted)
  end

  it "ends with bytes put in the place of others" do
    bytes = Minigun::Native.dump(sample)
    outcomes = Array.new(20_000) do
      damaged = bytes.dup
      random.rand(1..4).times { damaged.setbyte(random.rand(bytes.bytesize), random.rand(0x18)) }
      outcome(damaged)
    end
    expect(outcomes).to include(:value, Minigun::RingCorrupted)
  end

  it "ends with random bytes" do
    outcomes = Array.new(20_000) do
      outcome("#{(0x40 | random.rand(0x20)).chr}#{random.bytes(random.rand(60))}".b.tr("\x18", "\x01"))
    end
    expect(outcomes).to include(:value, Minigun::RingCorrupted)
  end

  it "leaves bytes of an earlier, longer value in none that follows" do
    Minigun::Native.dump("secret" * 10_000)
    expect(Minigun::Native.dump(["a" * 100, nil])).not_to include("secret")
  end
end
