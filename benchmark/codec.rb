# frozen_string_literal: true

# What does a value cost the processor, from object to bytes and back?
#
# Batches of 500, so that what is paid once for a call does not count. Encoded and decoded by one
# process: no memory is shared and nobody waits.

require_relative "support/bench"
require_relative "support/records"

BATCH = 500
MESSAGE_PACK = Bench.gem?("msgpack")

def values(name, make, times: 100)
  batch = Array.new(BATCH) { |number| make.call(number) }.freeze
  times = Bench.scale(times)
  Bench.row(name, per: BATCH * times) do |row|
    row.source { |&sink| batch.each { |value| sink.call(value) } }
    contender = lambda do |take, &round_trip|
      last = nil
      take.time { times.times { last = round_trip.call } }
      take.concat(last)
    end
    row.ours { |take| contender.call(take) { Minigun::Native.load(Minigun::Native.dump(batch)) } }
    message_pack(row, batch, contender) if MESSAGE_PACK
    row.peer("Marshal") { |take| contender.call(take) { Marshal.load(Marshal.dump(batch)) } }
    yield row
  end
end

# The fastest way it offers: packer and unpacker made once; Symbols by an extension type only where
# values need it, keys by an option.
def message_pack(row, batch, contender)
  symbols = batch.first.is_a?(Symbol) || (batch.first.is_a?(Hash) && batch.first.each_value.any?(Symbol))
  symbol_keys = batch.first.is_a?(Hash) && batch.first.each_key.all?(Symbol)
  row.peer("MessagePack") do |take|
    factory = MessagePack::Factory.new
    factory.register_type(0, Symbol) if symbols
    packer = factory.packer
    unpacker = factory.unpacker(symbolize_keys: symbol_keys && !symbols)
    contender.call(take) do
      packer.write(batch)
      unpacker.feed(packer.to_s)
      packer.reset
      unpacker.read
    end
  end
end

Bench.question "Encoding and decoding, processor time a value"

values("Hash of 3 short fields", Bench::Records.method(:hash)) do |row|
  row.faster(2.5, "MessagePack")
  row.faster(5, "Marshal")
end

values("Integer", ->(number) { number * 1000 }, times: 1000) do |row|
  row.faster(1.7, "MessagePack")
  row.faster(5, "Marshal")
end

OTHERS = {
  "Hash of 12 fields" => Bench::Records.method(:wide_hash),
  "Hash with String keys" => Bench::Records.method(:string_keyed),
  "Nested Hashes and Arrays" => Bench::Records.method(:nested),
  "Float" => ->(number) { number * 1.37 },
  "Symbol" => ->(number) { %i[red green blue yellow][number % 4] },
  "String of 20 bytes" => ->(number) { Bench::Records.string(number, 20) },
  "String of 5 KB" => ->(number) { Bench::Records.string(number, 5 << 10) },
  "nil, true, false" => ->(number) { [nil, true, false][number % 3] }
}.freeze

OTHERS.each do |name, make|
  values(name, make) do |row|
    row.faster(1, "MessagePack")
    row.faster(1, "Marshal")
  end
end
