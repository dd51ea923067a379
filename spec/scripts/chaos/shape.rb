# frozen_string_literal: true

require "zlib"

# A random pipeline, and what each item meets in each of its steps. All of it follows from the seed:
# what an item does is a function of its path, wherever and whenever it is executed.
class ChaosShape
  Step = Struct.new(:name, :does, :kind, :width, keyword_init: true)

  KINDS = %i[processes processes process_per_batch process_per_batch threads thread_per_batch inline named].freeze
  FORKED = %i[processes process_per_batch named].freeze
  # What happens to an item, in parts of a thousand; the rest goes well.
  FATES = { raise: 50, exit: 20, kill: 30, abort: 10, thread_exit: 10, huge: 15, doze: 100 }.freeze
  HUGE = 1_500_000

  attr_reader :items, :steps, :nested_from, :sink_kind, :seed

  def initialize(seed)
    @seed = seed
    random = Random.new(seed)
    # Most are small, for the sake of their number.
    large = random.rand < 0.1
    @items = random.rand(1..(large ? 12 : 4))
    @steps = Array.new(random.rand(1..(large ? 3 : 2))) do |i|
      Step.new(name: :"step#{i}", does: random.rand < 0.2 ? :batch : :each, kind: KINDS.sample(random: random),
               width: random.rand(1..3))
    end
    @nested_from = random.rand(1..2) if random.rand < 0.3
    @sink_kind = random.rand < 0.3 ? :processes : :inline
  end

  def forked?(step) = FORKED.include?(step.kind)

  # @return [Symbol, nil] of an item in a step
  def fate(step, path)
    point = draw(step, path, "fate") % 1000
    FATES.each do |fate, parts|
      return fate if point < parts

      point -= parts
    end
    nil
  end

  # @return [Array<String>] what an item emits
  def children(step, path)
    Array.new(draw(step, path, "fan") % 4 == 0 ? 2 : 1) { |i| "#{path}.#{i}" }
  end

  # Does an emitted item go straight to the sink?
  def jumps?(step, path) = draw(step, path, "jump") % 8 == 0

  # Where lists are made blobs are short: the text of a failed list must name all its items.
  def blob(step, path)
    size = draw(step, path, "size") % 30
    size = HUGE if fate(step, path) == :huge && steps.none? { |other| other.does == :batch }
    "x" * size
  end

  # @return [Float] seconds
  def delay(path) = (draw(nil, path, "delay") % 2000) / 1_000_000.0

  def to_s
    "seed #{seed}: #{items} items, #{steps.map { |step| "#{step.does} in #{step.kind}(#{step.width})" }.join(", ")}, " \
      "nested from #{nested_from.inspect}, sink in #{sink_kind}"
  end

  private

  def draw(step, path, what) = Zlib.crc32("#{seed} #{step&.name} #{path} #{what}")
end
