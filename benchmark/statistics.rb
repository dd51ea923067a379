# frozen_string_literal: true

# What do the statistics of a stage cost an item?

require_relative "support/bench"

COUNT = Bench.scale(300_000)
Stage = Struct.new(:name)

# An inbox that holds all items, and is closed.
def full_inbox
  Minigun::Native::Inbox.new(COUNT).tap do |inbox|
    COUNT.times { |number| inbox.put(number) }
    inbox.close
  end
end

# All that a slot does for an item but its block: it is taken, counted as consumed and processed, its latency is
# measured where the sample keeps it, and its unit in flight given back.
def slot(take)
  inbox = full_inbox
  in_flight = Minigun::Native::InFlight.new(Thread::Queue.new)
  in_flight.raise_by(COUNT)
  stats = Minigun::Stats.new(:stage)
  stream = Minigun::Native::Stream.new(Stage.new(:stage), inbox, in_flight, stats.tally)
  take.time { nil while stream.next || !stream.over? }
  take.arrived(stats.items_consumed, stats.tally.processed)
end

def pop(take)
  inbox = full_inbox
  count = 0
  take.time { count += 1 until Minigun::Native::Inbox::CLOSED.equal?(inbox.pop) }
  take.arrived(count, count)
end

# What stages with retries, hooks or a rate do in Ruby.
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

def clock(take)
  COUNT.times { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
  take.arrived(COUNT, COUNT)
end

Bench.question "Statistics, time an item"

Bench.row("Taken, counted and timed by a slot", per: COUNT) do |row|
  row.limit("taken from the inbox") { |take| pop(take) }
  row.ours { |take| slot(take) }
  row.peer("one reading of the clock") { |take| clock(take) }
  row.below(6e-8)
end

Bench.row("Counted and timed by calls of Stats", per: COUNT) do |row|
  row.limit("a loop that does nothing") do |take|
    COUNT.times { |number| number }
    take.arrived(COUNT, COUNT)
  end
  row.ours { |take| record(Minigun::Stats.new(:stage), take) }
  row.peer("one reading of the clock") { |take| clock(take) }
end
