# frozen_string_literal: true

# What does a pipeline of short stages in one process add to the work?

require_relative "support/bench"

COUNT = Bench.scale(500_000)

# What the stages do, as methods.
module Steps
  module_function

  def first(number) = number + 1
  def second(number) = number * 2
  def third(number) = number - 1

  # The same with a Hash that is made anew by each.
  module Rows
    module_function

    def make(number) = { id: number, value: number }
    def first(row) = row.merge(value: row[:value] + 1)
    def second(row) = row.merge(value: row[:value] * 2)
    def third(row) = row[:value] - 1
  end
end

# Stages without a context run one item at a time, in order.
def sequential(take)
  pipeline do
    producer(:numbers) { COUNT.times { |number| emit number } }
    processor(:first) { |number| emit number + 1 }
    processor(:second) { |number| emit number * 2 }
    consumer(:third) { |number| take << (number - 1) }
  end
end

def threaded(take)
  pipeline do
    producer(:numbers) { COUNT.times { |number| emit number } }
    threads(1) do
      processor(:first) { |number| emit number + 1 }
      processor(:second) { |number| emit number * 2 }
      consumer(:third) { |number| take << (number - 1) }
    end
  end
end

def with_rows(take)
  pipeline do
    producer(:numbers) { COUNT.times { |number| emit Steps::Rows.make(number) } }
    processor(:first) { |row| emit Steps::Rows.first(row) }
    processor(:second) { |row| emit Steps::Rows.second(row) }
    consumer(:third) { |row| take << Steps::Rows.third(row) }
  end
end

def pipeline(&block)
  Class.new do
    include Minigun::DSL

    pipeline(&block)
  end.new.run
end

def inline(take)
  COUNT.times { |number| take << Steps.third(Steps.second(Steps.first(number))) }
end

def inline_with_rows(take)
  COUNT.times { |number| take << Steps::Rows.third(Steps::Rows.second(Steps::Rows.first(Steps::Rows.make(number)))) }
end

# A thread for each stage, a queue between each two.
def sized_queues(take)
  queues = Array.new(3) { SizedQueue.new(1000) }
  threads = [step(nil, queues[0]) { |queue| COUNT.times { |number| queue << number } },
             step(queues[0], queues[1]) { |number| number + 1 },
             step(queues[1], queues[2]) { |number| number * 2 }]
  while (number = queues[2].pop)
    take << (number - 1)
  end
  threads.each(&:join)
end

def sized_queues_with_rows(take)
  queues = Array.new(3) { SizedQueue.new(1000) }
  threads = [step(nil, queues[0]) { |queue| COUNT.times { |number| queue << Steps::Rows.make(number) } },
             step(queues[0], queues[1]) { |row| Steps::Rows.first(row) },
             step(queues[1], queues[2]) { |row| Steps::Rows.second(row) }]
  while (row = queues[2].pop)
    take << Steps::Rows.third(row)
  end
  threads.each(&:join)
end

def step(from, to)
  Thread.new do
    if from
      while (number = from.pop)
        to << yield(number)
      end
    else
      yield to
    end
    to.close
  end
end

def row(name, ours, by_hand: :inline, peer: :sized_queues)
  Bench.row(name, per: COUNT) do |row|
    row.source { |&sink| COUNT.times { |number| sink.call(((number + 1) * 2) - 1) } }
    row.weigh { |number| number }
    row.limit("calls by hand") { |take| send(by_hand, take) }
    row.ours { |take| send(ours, take) }
    row.peer("SizedQueue(1000) and threads") { |take| send(peer, take) }
    row.faster(1.2, "SizedQueue(1000) and threads")
    yield row
  end
end

Bench.question "Three short stages, #{COUNT} items, time an item"

row("Sequential stages", :sequential) { |row| row.at_most(1.25, "calls by hand") }
row("Stages in a thread each", :threaded) { |row| row }
row("Sequential stages, a Hash of each", :with_rows, by_hand: :inline_with_rows, peer: :sized_queues_with_rows) do |row|
  row.at_most(1.25, "calls by hand")
end
