# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "codec_support"

RSpec.describe "Minigun::Native.dump and .load" do
  include CodecSupport

  def size_of(value)
    Minigun::Native.dump(value).bytesize
  end

  plain = CodecSupport
  values = {
    "nil" => nil, "true" => true, "false" => false,
    "the largest fixnum" => (2**62) - 1, "the smallest fixnum" => -(2**62),
    "the first bignum" => 2**62, "a negative bignum" => -(2**62) - 1, "64 bits" => (2**64) - 1, "2**64" => 2**64,
    "a huge integer" => 3**5000, "a huge negative integer" => -(3**5000),
    "a float" => 1.1, "a float outside of flonums" => 1e-300, "minus zero" => -0.0, "NaN" => Float::NAN,
    "infinity" => Float::INFINITY, "minus infinity" => -Float::INFINITY,
    "an empty string" => +"", "UTF-8" => +"grün", "broken UTF-8" => +"a\xFFb", "binary" => "\x00\xFF".b,
    "US-ASCII" => "abc".encode("US-ASCII"), "broken US-ASCII" => (+"\xFF").force_encoding("US-ASCII"),
    "UTF-16LE" => "é".encode("UTF-16LE"), "ISO-8859-1" => "é".encode("ISO-8859-1"),
    "Windows-31J" => "あ".encode("Windows-31J"), "dummy UTF-16" => "é".encode("UTF-16"),
    "dummy UTF-7" => (+"a").force_encoding("UTF-7"), "ISO-2022-JP" => "あ".encode("ISO-2022-JP"),
    "a frozen string" => "frozen", "a large string" => "x" * 100_000,
    "a symbol" => :name, "an empty symbol" => :"", "a non-ASCII symbol" => :grün, "an odd symbol" => :"a b\x00c",
    "a Latin-1 symbol" => "é".encode("ISO-8859-1").to_sym, "a binary symbol" => "\xFF".b.to_sym,
    "a UTF-16 symbol" => "é".encode("UTF-16LE").to_sym, "an operator" => :[]=,
    "an empty array" => [], "a nested array" => [1, [2, [3, []]]], "a frozen array" => [1].freeze,
    "an empty hash" => {}, "a hash" => { b: 1, "a" => [nil], 3 => { nil => 1.5 }, 2.5 => :x, 2**70 => "y" },
    "a hash with array keys" => { [1, 2] => 3 }, "a hash with object keys" => { plain::Point.new(1, 2) => 3 },
    "a large hash" => (0...1000).to_h { |i| ["key #{i}", i] }, "a hash of 17" => (0...17).to_h { |i| [i, i] },
    "a hash with a default" => Hash.new(5).merge!(1 => 2),
    "a large hash with a default" => Hash.new(5).merge!((0...20).to_h { |i| [i, i] }),
    "an identity hash" => {}.compare_by_identity.merge!("a" => 1),
    "an empty identity hash" => {}.compare_by_identity, "a default and no keys" => Hash.new(5),
    "what was selected from an identity hash" =>
      {}.compare_by_identity.merge!("a" => 1, "b" => 2).select { |_, v| v > 1 },
    "a copy of an identity hash" => {}.replace({}.compare_by_identity.merge!("a" => 1)),
    "a range" => (1..3), "an exclusive range" => (1...3), "an endless range" => (1..), "a beginless range" => (..1.5),
    "a range of strings" => ("a".."c"), "a range of bignums" => ((2**70)..(2**71)), "a range of nothing" => (nil..nil),
    "a UTC time" => Time.utc(2024, 2, 29, 12, 30, 15.5r), "a local time" => Time.at(1_700_000_000, 123_456_789, :nsec),
    "an offset time" => Time.at(0, 1, :nsec).localtime("-03:30"), "offset zero" => Time.at(0).localtime("+00:00"),
    "a third of a nanosecond" => Time.at(Rational(1, 3_000_000_000)).utc, "before the epoch" => Time.at(-1.5r).utc,
    "the year 100,000" => Time.utc(100_000), "the year -5000" => Time.utc(-5000),
    "a struct" => plain::Point.new(1, "y"), "a struct of structs" => plain::Point.new(plain::Point.new(1), nil),
    "a keyword struct" => plain::Keyed.new(name: "n"), "a struct with marshal_dump" => plain::Custom.new(1),
    "a rational" => 1/3r, "a complex" => 1i, "a class" => String, "a module" => Kernel, "a regexp" => /a/i,
    "a set" => Set[1, 2], "an object" => plain::Thing.new([1]), "an exception" => RuntimeError.new("boom"),
    "a subclass of String" => plain::Text.new("t"), "a subclass of Array" => plain::List.new([1]),
    "a subclass of Hash" => plain::Table.new.merge!(1 => 2),
    "a string with a variable" => (+"s").tap { |s| s.instance_variable_set(:@a, 1) },
    "an array with a variable" => [1].tap { |a| a.instance_variable_set(:@a, 1) },
    "a hash with a variable" => { 1 => 2 }.tap { |h| h.instance_variable_set(:@a, 1) },
    "a struct with a variable" => plain::Point.new(1, 2).tap { |s| s.instance_variable_set(:@a, 1) },
    "an exotic object among others" => [1, plain::Thing.new(:a), { a: plain::Thing.new(:a), b: :a }, :a]
  }

  values.each do |label, value|
    it "gives what Marshal gives for #{label}" do
      expect(CodecSupport.difference(round_trip(value), marshal_trip(value))).to be_nil
    end

    it "gives what Marshal gives for #{label} inside of others" do
      wrapped = [value, { key: value }, CodecSupport::Point.new(value, [value])]
      expect(CodecSupport.difference(round_trip(wrapped), marshal_trip(wrapped))).to be_nil
    end
  end

  it "returns binary strings and leaves the object alone" do
    object = ["a", { b: "c" }]
    expect(Minigun::Native.dump(object).encoding).to eq(Encoding::BINARY)
    expect(object).to eq(["a", { b: "c" }])
  end

  describe "sizes" do
    [
      [0, 1], [95, 1], [-32, 1], [96, 3], [-33, 2], [-64, 2], [-65, 3], [8191, 3], [8192, 4], [(2**62) - 1, 10],
      [-(2**62), 10], [2**62, 10], [2**64, 11], [(256**127) - 1, 129], [(256**128) - 1, 131],
      [1.5, 9], [nil, 1], [true, 1], ["", 1], ["x" * 31, 32], ["x" * 32, 34], ["x" * 127, 129], ["x" * 128, 131],
      ["".b, 2], ["x".encode("UTF-16LE"), 13], [:abc, 5], [%i[abc abc], 7],
      [[], 1], [[nil] * 15, 16], [[nil] * 16, 18], [[nil] * 128, 131],
      [{}, 1], [{ 1 => 2 }, 3], [(0...15).to_h { |i| [i, nil] }, 31], [(0...16).to_h { |i| [i, nil] }, 34],
      [(1..2), 3], [Time.at(0).utc, 3], [Time.at(0, 999_999_999, :nsec).utc, 7], [Time.at(0).localtime("+01:00"), 5]
    ].each do |value, bytes|
      text = value.inspect
      it("#{text.size > 40 ? "#{text[0, 40]}..." : text} takes #{bytes}") { expect(size_of(value)).to eq(bytes) }
    end

    it "names each Symbol and Struct class once" do
      single = size_of([CodecSupport::Point.new(:some_name, nil)])
      expect(size_of(Array.new(3) { CodecSupport::Point.new(:some_name, nil) })).to eq(single + 10)
    end

    it "names Symbols beyond the table's limit each time" do
      symbols = Array.new(4100) { |i| :"symbol_#{i}" }
      expect(round_trip(symbols * 2)).to eq(symbols * 2)
    end
  end

  describe "identity" do
    it "is not kept by the short forms" do
      shared = "s"
      first, second = round_trip([shared, shared])
      expect(first).not_to equal(second)
    end

    it "is kept by Marshal" do
      first, second = round_trip(CodecSupport::List.new(["s"] * 2))
      expect(first).to equal(second)
    end

    it "lets cycles pass" do
      array = [1]
      array << array
      hash = { a: [] }
      hash[:a] << hash
      expect(round_trip(array).then { |copy| copy[1].equal?(copy) }).to be(true)
      expect(round_trip(hash).then { |copy| copy[:a][0].equal?(copy) }).to be(true)
    end
  end

  describe "nesting" do
    def nested(levels)
      levels.times.reduce(nil) { |inner, level| level.even? ? [inner] : { a: inner } }
    end

    it "passes up to 1000 levels, also on the small stacks of threads and fibers" do
      [99, 100, 101, 102, 300, 990].each do |levels|
        value = nested(levels)
        # As bytes: Ruby's own == of such depth needs more stack than a thread has.
        expect(Thread.new { Marshal.dump(round_trip(value)) == Marshal.dump(value) }.value).to be(true)
      end
      expect(Fiber.new { round_trip(nested(300)) }.resume).to eq(nested(300))
    end

    it "is refused beyond" do
      expect { Minigun::Native.dump(nested(1100)) }
        .to raise_error(Minigun::SerializationError, /\Aitem \(Hash\) cannot .*: nested deeper than 1000 levels\z/)
    end

    it "does not fool the decoder" do
      expect { Minigun::Native.load("#{"\x41" * 100_000}\x01".b) }
        .to raise_error(Minigun::RingCorrupted, /nested too deeply/)
    end
  end
end
