# frozen_string_literal: true

# A pipeline of random steps, and what has to come out of it.
class Chain
  # What the stage does, where it runs, a number for it, whether it has hooks.
  Step = Struct.new(:name, :does, :kind, :number, :hooks)

  # Defines the stage of a step. The blocks run on a job: `count` is its method.
  DEFINE = {
    add: ->(dsl, step, options) { dsl.processor(step.name, options) { |n| count(step) && emit(n + 1) } },
    repeat: lambda do |dsl, step, options|
      dsl.processor(step.name, options) { |n| count(step) && step.number.times { emit n } }
    end,
    fail: lambda do |dsl, step, options|
      dsl.processor(step.name, options) { |n| (n % 5) == 3 ? raise("three") : count(step) && emit(n) }
    end,
    batch: lambda do |dsl, step, options|
      dsl.accumulator(step.name, options.merge(max_size: step.number)) { |list| list.each { |n| emit n } }
    end,
    jump: lambda do |dsl, step, options|
      dsl.processor(step.name, options) { |n| count(step) && (n.even? ? emit(n) : emit_to_stage(:sink, n)) }
    end
  }.freeze

  # The same in one line: what goes on, what is sent to the sink, what fails.
  MODEL = {
    add: ->(_, items) { [items.map(&:succ), [], 0] },
    repeat: ->(step, items) { [items.flat_map { |n| [n] * step.number }, [], 0] },
    fail: ->(_, items) { items.partition { |n| n % 5 != 3 }.then { |good, bad| [good, [], bad.size] } },
    batch: ->(_, items) { [items, [], 0] },
    jump: ->(_, items) { [*items.partition(&:even?), 0] }
  }.freeze

  # @return [Integer] items at the start
  attr_reader :count

  # @return [Array<Step>]
  attr_reader :steps

  # @param random [Random]
  def initialize(random)
    @count = random.rand(0..30)
    @kind = Runs::KINDS.sample(random: random)
    @nested_from = random.rand(1..3) if random.rand < 0.5
    @steps = Array.new(random.rand(1..5)) do |i|
      Step.new(:"step#{i}", DEFINE.keys.sample(random: random), Runs::KINDS.sample(random: random),
               random.rand(1..3), random.rand < 0.5)
    end
  end

  # @return [Array(Array<Integer>, Integer)] what reaches the sink, sorted, and how many items fail
  def expected
    items = (0...count).to_a
    sunk = []
    failed = 0
    steps.each do |step|
      items, sent, bad = MODEL.fetch(step.does).call(step, items)
      sunk.concat(sent)
      failed += bad
    end
    [(sunk + items).sort, failed]
  end

  # Defines the whole.
  # @param dsl [Object] self of a `pipeline` block
  def define_on(dsl)
    count = @count
    outer, inner = steps.partition.with_index { |_, i| @nested_from.nil? || i < @nested_from }
    Runs.within(dsl, @kind) { |options| producer(:source, options) { count.times { |n| emit n } } }
    define_steps(dsl, outer)
    chain = self
    dsl.pipeline(:inner) { chain.define_steps(self, inner) } if inner.any?
    dsl.consumer(:sink) { |n| @results << n }
  end

  # @api private
  def define_steps(dsl, steps)
    steps.each do |step|
      Runs.within(dsl, step.kind) { |options| DEFINE.fetch(step.does).call(self, step, options) }
      next unless step.hooks

      dsl.before(step.name) { @seen["before #{step.name}"] += 1 }
      dsl.after(step.name) { @seen["after #{step.name}"] += 1 }
    end
  end
end
