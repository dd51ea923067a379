# frozen_string_literal: true

# How often does a process of a run give its core away while records stream from a child?
#
# Voluntary context switches of the parent and its child together, as the system counts them.

require_relative "support/bench"
require_relative "support/pipes"
require_relative "support/records"
require_relative "support/streaming"
require_relative "support/usage"

COUNT = Bench.scale(200_000)
MAKE = Bench::Records.method(:hash)

Bench.question "Wake-ups"

Bench.row("Voluntary context switches per 100 Hashes", unit: :switches, per: COUNT / 100.0) do |row|
  row.source { |&sink| COUNT.times { |number| sink.call(MAKE.call(number)) } }
  row.weigh { |hash| hash[:id] }
  count = ->(take, &block) { take.value = Bench::Usage.during(Bench::Usage::VOLUNTARY, &block) }
  row.ours { |take| count.call(take) { Bench::Streaming.new(COUNT, MAKE, take).run } }
  row.ours("the wire alone") { |take| count.call(take) { Bench::Streaming.wire(COUNT, MAKE, take) } }
  row.peer("Marshal, batches of 500") do |take|
    count.call(take) { Bench::Pipes.marshal_batches(COUNT, MAKE) { |hash| take << hash } }
  end
  row.peer("Marshal, flushed each") do |take|
    count.call(take) { Bench::Pipes.marshal_each(COUNT, MAKE) { |hash| take << hash } }
  end
  row.below(1)
end
