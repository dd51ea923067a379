# frozen_string_literal: true

# What do the statistics of a stage cost an item?
#
# What a stage tells its Stats for each item it takes, works on and emits, with the two readings of the
# clock that its latency is made of.

require_relative "support/bench"

COUNT = Bench.scale(300_000)

def record(stats, take)
  COUNT.times do
    started = Minigun.monotonic_time
    stats.increment_consumed
    stats.record_latency(Minigun.monotonic_time - started)
    stats.increment_processed
    stats.increment_produced
  end
  take.arrived(stats.items_produced, stats.items_consumed)
end

Bench.question "Statistics, time an item"

Bench.row("Count and latency of an item", per: COUNT) do |row|
  row.limit("a loop that does nothing") do |take|
    COUNT.times { |number| number }
    take.arrived(COUNT, COUNT)
  end
  row.ours { |take| record(Minigun::Stats.new(:stage), take) }
  row.peer("one reading of the clock") do |take|
    COUNT.times { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
    take.arrived(COUNT, COUNT)
  end
  row.below(6e-8)
end
