# frozen_string_literal: true

require "zlib"
require_relative "step"

# A random pipeline, what each item meets in each of its steps, and how the run as a whole goes. All
# of it follows from the seed: what an item does is a function of its path and of the attempt,
# wherever and whenever it is executed.
class ChaosShape
  # What happens to an item, in parts of a thousand; the rest goes well.
  FATES = { argument: 40, eof: 30, exit: 25, kill: 35, abort: 10, thread_exit: 10, huge: 10, doze: 100,
            hang: 40 }.freeze
  HARMLESS = [nil, :huge, :doze].freeze
  # The error that a fate ends with, in a child.
  ERRORS = {
    argument: ArgumentError, eof: EOFError, exit: Minigun::WorkerDied, kill: Minigun::WorkerDied,
    abort: Minigun::WorkerDied, thread_exit: SystemExit, hang: Minigun::WorkerTimeout
  }.freeze
  HUGE = 1_500_000
  # How a run may go, in parts of a hundred: to its end, told to end by a signal or by two, or left by
  # what is thrown into it.
  COURSES = { plain: 70, term: 6, int: 4, signals: 5, raise: 5, kill: 5, timeout: 5 }.freeze
  # The longest time until a run is told to end, in seconds.
  MOMENT = 0.12

  attr_reader :items, :source, :steps, :sink, :nested_from, :seed, :course, :moment

  def initialize(seed)
    @seed = seed
    @random = random = Random.new(seed)
    @items = random.rand(random.rand < 0.2 ? 30..80 : 2..14)
    @source = source_step
    @steps = Array.new(random.rand(1..3)) { |i| ChaosStep.draw(:"step#{i}", random) }
    @nested_from = random.rand(1..2) if random.rand < 0.3
    @sink = sink_step
    @course = pick(COURSES, random.rand(100))
    @moment = random.rand * MOMENT
    @strict = random.rand < 0.3
  end

  # Shall `run` raise when items failed?
  def strict? = @strict

  # @return [Array<ChaosStep>] that take items
  def stages = [*steps, sink]

  # @return [Symbol, nil] of an attempt at an item
  def fate(step, path, attempt)
    return unless steps.include?(step)

    fate = pick(FATES, draw(step, path, "fate#{attempt}") % 1000)
    fate == :hang && step.timeout.nil? ? :doze : fate
  end

  # @return [Class, nil] of the error that an attempt ends with, unless something else ends it
  def error(step, path, attempt)
    fate = fate(step, path, attempt)
    return if HARMLESS.include?(fate)

    step.forked? || %i[argument eof hang].include?(fate) ? ERRORS.fetch(fate) : RuntimeError
  end

  # @return [Array<String>] what an item emits
  def children(step, path)
    return [] if step.equal?(sink)

    Array.new(draw(step, path, "fan") % 4 == 0 ? 2 : 1) { |i| "#{path}.#{i}" }
  end

  # Does an emitted item go straight to the sink?
  def jumps?(step, path) = draw(step, path, "jump") % 8 == 0

  # Where lists are made blobs are short: the text of a failed list must name all its items.
  def blob(step, path, attempt)
    return "x" * (draw(step, path, "size") % 5) if steps.any?(&:lists?)

    "x" * (fate(step, path, attempt) == :huge ? HUGE : draw(step, path, "size") % 30)
  end

  # @return [Float] seconds; most are short, some keep everybody else waiting
  def delay(path)
    number = draw(nil, path, "delay")
    number % 40 == 0 ? 0.03 : (number % 1500) / 1_000_000.0
  end

  # @return [Integer] which of several ways
  def way(step, path, count) = draw(step, path, "way") % count

  def to_s
    "seed #{seed}: #{items} items, #{[source, *stages].join("; ")}, nested from #{nested_from.inspect}, #{course}" \
      "#{", strict" if strict?}"
  end

  private

  def source_step
    ChaosStep.draw(:source, @random, does: :source).tap do |step|
      step.timeout = step.backoff = nil
      step.kind = :inline if @random.rand < 0.6
    end
  end

  def sink_step
    ChaosStep.draw(:sink, @random, does: :each).tap do |step|
      step.timeout = step.backoff = nil
      step.kind = :inline if @random.rand < 0.5
    end
  end

  def pick(table, point)
    table.each do |what, parts|
      return what if point < parts

      point -= parts
    end
    nil
  end

  def draw(step, path, what) = Zlib.crc32("#{seed} #{step&.name} #{path} #{what}")
end
