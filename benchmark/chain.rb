# frozen_string_literal: true

# What does a pipeline of short stages in one process add to the work?

require_relative "support/bench"

COUNT = Bench.scale(100_000)

# What the stages do, as methods.
module Steps
  module_function

  def first(number) = number + 1
  def second(number) = number * 2
  def third(number) = number - 1
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

def pipeline(&block)
  Class.new do
    include Minigun::DSL

    pipeline(&block)
  end.new.run
end

def inline(take)
  COUNT.times { |number| take << Steps.third(Steps.second(Steps.first(number))) }
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

def row(name, ours)
  Bench.row(name, per: COUNT) do |row|
    row.source { |&sink| COUNT.times { |number| sink.call(((number + 1) * 2) - 1) } }
    row.weigh { |number| number }
    row.limit("calls by hand") { |take| inline(take) }
    row.ours(&ours)
    row.peer("SizedQueue(1000) and threads") { |take| sized_queues(take) }
    row.faster(1.2, "SizedQueue(1000) and threads")
    yield row
  end
end

Bench.question "Three short stages, #{COUNT} Integers, time an item"

row("Sequential stages", method(:sequential).to_proc) { |row| row.at_most(1.25, "calls by hand") }
row("Stages in a thread each", method(:threaded).to_proc) { |row| row }
