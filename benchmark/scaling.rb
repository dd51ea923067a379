# frozen_string_literal: true

# What becomes of the time an item takes as a run gets wider or longer?
#
# Of a pool it is what further jobs cost, without the forks in the beginning. They are no tiny ones: of those the parent
# has more to do than the children.

require_relative "support/bench"

# Some 12 microseconds of computing.
LOOPS = 600

# A pool of so many children.
def pool(width, count, take)
  Class.new do
    include Minigun::DSL

    pipeline do
      producer(:numbers) { count.times { |number| emit number } }
      processes(width) { processor(:work) { |number| LOOPS.times { |n| n } && emit(number + 1) } }
      consumer(:sink) { |number| take << number }
    end
  end.new.run
end

# A child for each of so many batches, all at once.
def forks(width, count, take)
  Class.new do
    include Minigun::DSL

    pipeline do
      producer(:numbers) { count.times { |number| emit number } }
      process_per_batch(max: width) { processor(:work) { |number| emit number + 1 } }
      consumer(:sink) { |number| take << number }
    end
  end.new.run
end

# So many stages one after another.
def chain(depth, count, take)
  Class.new do
    include Minigun::DSL

    pipeline do
      producer(:numbers) { count.times { |number| emit number } }
      depth.times { |index| processor(:"step_#{index}") { |number| emit number + 1 } }
      consumer(:sink) { |number| take << number }
    end
  end.new.run
end

# A contender for each width or depth; ratios are to the first.
#
# @param sizes [Hash{Integer => Integer}] items for each
def row(name, sizes)
  Bench.row(name, rounds: [Bench.rounds, 3].min) do |row|
    row.digest { |number| number }
    sizes.each do |size, count|
      count = Bench.scale(count)
      row.ours(size.to_s) { |take| yield(size, count, take).then { |units| take.value = take.value / units } }
    end
  end
end

# What arrives is each number, of each run, with what was added on its way.
def expect(take, counts, added)
  take.sent = [counts.sum, counts.sum { |count| (0...count).sum + (count * added) }]
end

WIDTHS = [1, 2, 4, 8, 16, 64].freeze

Bench.question "Scaling"

# So many that all children are there: with less, a longer run would start more of them.
jobs = WIDTHS.to_h { |width| [width, [2000 * width, 8000].max] }

row("Children of a pool, time a further job", jobs) do |width, few, take|
  many = 2 * few
  expect(take, [few, many], 1)
  short, long = [few, many].map do |count|
    take.time { pool(width, count, take) }
    take.value
  end
  take.value = [long - short, 0.0].max
  many - few
end

row("Forks at a time, empty batches, time a batch", WIDTHS.to_h { |width| [width, [32, 2 * width].max] }) do |*args|
  width, count, take = args
  expect(take, [count], 1)
  take.time { forks(width, count, take) }
  count
end

row("Stages of a chain, time a stage and item", { 1 => 20_000, 10 => 4_000, 100 => 400 }) do |depth, count, take|
  expect(take, [count], depth)
  take.time { chain(depth, count, take) }
  count * depth
end
