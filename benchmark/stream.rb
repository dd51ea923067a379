# frozen_string_literal: true

# How fast do records come home from a forked child, emitted one by one?
#
# Each contender generates the records in a child and consumes them in the parent. "The wire alone" is
# the ring and the codec without a pipeline around them.

require_relative "support/bench"
require_relative "support/pipes"
require_relative "support/records"
require_relative "support/streaming"

def stream(name, count, make, weight)
  Bench.row("#{count} #{name}, one by one", per: count) do |row|
    row.source { |&sink| count.times { |number| sink.call(make.call(number)) } }
    row.weigh(&weight)
    row.limit("generating") { |take| count.times { |number| take << make.call(number) } }
    row.ours { |take| Bench::Streaming.new(count, make, take).run }
    row.ours("the wire alone") { |take| Bench::Streaming.wire(count, make, take) }
    if MESSAGE_PACK
      row.peer("MessagePack, buffer of 128 KB") { |take| Bench::Pipes.message_pack(count, make) { |item| take << item } }
    end
    row.peer("Marshal, batches of 500") { |take| Bench::Pipes.marshal_batches(count, make) { |item| take << item } }
    row.peer("Marshal, flushed each") { |take| Bench::Pipes.marshal_each(count, make) { |item| take << item } }
    yield row
  end
end

MESSAGE_PACK = Bench.gem?("msgpack")
Bench.question "Records from a child, one by one"

stream("Hashes", Bench.scale(200_000), Bench::Records.method(:hash).to_proc, ->(hash) { hash[:id] }) do |row|
  row.at_most(1.1, "MessagePack, buffer of 128 KB")
  row.faster(2, "Marshal, batches of 500")
  row.faster(5, "Marshal, flushed each")
end

stream("Integers", Bench.scale(1_000_000), ->(number) { number }, ->(number) { number }) do |row|
  row.faster(1.3, "MessagePack, buffer of 128 KB")
  row.faster(1.8, "Marshal, batches of 500")
end

string = ->(size) { ->(number) { Bench::Records.string(number, size) } }

stream("Strings of 1 KB", Bench.scale(25_000), string.call(1 << 10), :to_i.to_proc) do |row|
  row.faster(1.4, "MessagePack, buffer of 128 KB")
  row.faster(1.4, "Marshal, batches of 500")
end

stream("Strings of 1 MB", Bench.scale(100), string.call(1 << 20), :to_i.to_proc) do |row|
  row.faster(1.4, "MessagePack, buffer of 128 KB")
  row.faster(1.4, "Marshal, flushed each")
end
