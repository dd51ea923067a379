# frozen_string_literal: true

# What does a forked child cost that does nothing: start, run an empty block, end, be waited for?
# By the size of the process that forks.

require "fiddle"
require_relative "support/bench"
require_relative "support/native"
require_relative "support/usage"

LIBRARY = Fiddle.dlopen(Bench::Native.library("fork"))
LIBC_FORK = Fiddle::Function.new(LIBRARY["bench_fork"], [Fiddle::TYPE_INT], Fiddle::TYPE_INT)

# An empty block, a child for each item.
class Empty
  include Minigun::DSL

  def initialize(times) = @times = times

  pipeline do
    producer(:items) { @times.times { |item| emit item } }
    process_per_batch(max: 1) { consumer(:nothing) { |_item| nil } }
  end
end

def fork_and_wait(times, take, &block)
  times.times do
    Process.wait(fork(&block))
    take << 1 if $?.success?
  end
end

# @param before [Integer] forks that the job has behind it
def row(name, megabytes, times, goals, before: 0)
  times = Bench.scale(times)
  ballast = nil
  Bench.row(name, per: times) do |row|
    row.setup do
      ballast = Bench::Usage.ballast(Bench.scale(megabytes))
      GC.start
    end
    row.source { |&sink| times.times { sink.call(1) } }
    row.digest { |one| one }
    contenders(row, times, before)
    goals.call(row)
  end
  ballast
end

def contenders(row, times, before)
  row.limit("libc fork, _exit, wait, in C") { |take| LIBC_FORK.call(times).then { |ended| take.arrived(ended, ended) } }
  row.limit("fork { exit! }") { |take| fork_and_wait(times, take) { exit!(true) } }
  row.ours do |take|
    before = 0 if before.positive? && Empty.new(before).run
    Empty.new(times).run.then { |produced| take.arrived(produced, produced) }
  end
  row.peer("fork { }") { |take| fork_and_wait(times, take) { nil } }
  return unless before.zero? && Bench.gem?("parallel")

  row.peer("Parallel with isolation") do |take|
    take.concat(Parallel.map(Array.new(times, 1), in_processes: 1, isolation: true) { |one| one })
  end
end

# Leaves a child idle and says what memory is its own.
def private_memory(collect:)
  child = Minigun::Native::Child.new(inbox: 1 << 20)
  child.spawn do |channel|
    GC.start if collect
    channel.write(1, 0, nil)
    channel.finish unless channel.read
  end
  child.read
  Bench::Usage.private_memory(child.pid)
ensure
  child.close
end

Bench.question "An empty child, time from start to end"

row("Heap as it is", 0, 10, lambda { |row|
  row.at_most(1.15, "fork { exit! }")
  row.faster(3, "fork { }")
})
row("Heap of 100 MB", 100, 3, lambda { |row|
  row.at_most(1.15, "fork { exit! }")
  row.faster(10, "fork { }")
})
row("Heap of 300 MB", 300, 2, lambda { |row|
  row.at_most(1.15, "fork { exit! }")
  row.faster(10, "fork { }")
})
# By then memory is in huge pages.
[100, 300].each do |megabytes|
  row("Heap of #{megabytes} MB, in the course of a job", megabytes, 10, lambda { |row|
    row.at_most(1.15, "fork { exit! }")
    row.faster(10, "fork { }")
  }, before: 100)
end

Bench.row("Private memory of an idle child", unit: :MB) do |row|
  row.ours { |take| take.value = private_memory(collect: false) }
  row.below(1)
end

Bench.row("Private memory of an idle child that has collected garbage", unit: :MB) do |row|
  row.ours { |take| take.value = private_memory(collect: true) }
  row.below(5)
end
