# frozen_string_literal: true

require_relative "attempts"

# Counts every item of a run again, from what was appended to the log and what the report says.
#
# In each stage, what arrived is what was executed or is reported as failed. All of it must stem from
# an item that was executed before, all that a done item emits must have arrived, and nothing twice.
# Of a run that was given up only the latter is known: what its items came to is not.
class ChaosOracle
  # @!attribute from
  #   @return [Integer] the attempt that emitted the item
  Line = Struct.new(:stage, :path, :attempt, :from, :id) do
    def self.parse(text)
      stage, path, attempt, from, id = text.split
      new(stage.to_sym, path, attempt.to_i, from.to_i, id)
    end
  end

  # @param lines [Array<String>] of the log
  # @param stats [Hash{Symbol => Stats}] of the stages
  # @param course [ChaosCourse]
  def initialize(shape, lines, job, stats, course)
    @shape = shape
    @course = course
    @report = job.report
    @stats = stats
    @lines = lines.map { |text| Line.parse(text) }.group_by(&:stage)
    @seen = job.seen.map { |text| Line.parse(text) }.group_by(&:stage)
    @failures = @report.failures.group_by(&:stage)
  end

  # @return [Integer] executions in processes of their own
  def forked_batches
    [@shape.source, *@shape.stages].select(&:forked?).sum do |step|
      next lines(:maybe).map(&:attempt).uniq.size if step.equal?(@shape.source)

      # All items of a list have one process, and begin with its first.
      lines(step.name).map { |line| [line.id.to_i, step.lists? ? 0 : line.path, line.attempt] }.uniq.size
    end
  end

  # @return [Array<String>] what is wrong
  def problems
    @problems = []
    count_failures if @course.whole?
    due, possible = produced
    to_sink = { due: [], possible: [] }
    @shape.steps.each { |step| due, possible = check_step(step, due, possible, to_sink) }
    check(@shape.sink, due + to_sink[:due], possible + to_sink[:possible])
    check_merged
    check_attempts
    @problems
  end

  private

  def lines(stage) = @lines.fetch(stage, [])

  def executed(step) = lines(step.name).map(&:path)

  def failed(step)
    @failures.fetch(step.name, []).flat_map { |failure| failure.item.scan(/\["([\d.]+)"/).flatten }
  end

  # @return [Array(Array, Array)] what the producer must have emitted, what it may have
  def produced
    sure, possible = %i[sure maybe].map { |what| lines(what).map(&:path).uniq }
    return [@course.whole? ? sure : [], possible] unless @shape.source.hold?

    # Nothing of a producer that is tried again goes on before it has come to its end.
    bad = @failures.key?(:source)
    [@course.complete? && !bad ? possible : [], bad ? [] : possible]
  end

  # @return [Array(Array, Array)] what must arrive in the next step, what may
  def check_step(step, due, possible, to_sink)
    done = check(step, due, possible) - failed(step)
    next_due, due_sink = emitted(step, @course.whole? ? done : [])
    next_possible, possible_sink = emitted(step, step.hold? && @course.whole? ? done : executed(step).uniq)
    to_sink[:due].concat(due_sink)
    to_sink[:possible].concat(possible_sink)
    [next_due, next_possible]
  end

  def emitted(step, paths)
    paths.flat_map { |path| @shape.children(step, path) }.partition { |path| !@shape.jumps?(step, path) }
  end

  # @return [Array<String>] what has arrived
  def check(step, due, possible)
    arrived = executed(step) | failed(step)
    complain(step.name, "failed more than once", repeated(failed(step)))
    complain(step.name, "lost", due - arrived)
    complain(step.name, "from nowhere", arrived - possible)
    count(step, arrived) if @course.whole?
    arrived
  end

  def count(step, arrived)
    stats = @stats.fetch(step.name)
    account = stats.account
    wrong(step, "#{account} although the run was whole") unless account[:abandoned].zero?
    return if step.does == :batch

    wrong(step, "#{stats.items_consumed} counted, #{arrived.size} arrived") unless stats.items_consumed == arrived.size
    accounted = account.values_at(:accepted, :failed)
    wrong(step, "#{account}, but #{[arrived.size, failed(step).size]}") if accounted != [arrived.size,
                                                                                         failed(step).size]
  end

  def count_failures
    listed = @report.failures.sum(&:count)
    @problems << "#{@report.failed} failed, #{listed} listed" unless @report.failed == listed
    unknown = @report.failures.reject { |failure| failure.stage == :source || failure.item.match?(/\["[\d.]+"/) }
    @problems << "failures of no item: #{unknown.map(&:to_s)}" unless unknown.empty?
    check_source
  end

  def check_source
    bad = @failures.fetch(:source, [])
    return if bad.empty? || @shape.source.forked?

    @problems << "the producer failed in the parent: #{bad.map(&:to_s)}"
  end

  # What blocks add to the instance's containers comes home with the item's outcome, and only that of
  # the attempt that ended well.
  def check_merged
    @shape.stages.each do |step|
      seen = @seen.fetch(step.name, [])
      complain(step.name, "merged more than once", repeated(seen.map(&:id)))
      complain(step.name, "merged from nowhere", (seen - lines(step.name)).map(&:to_a))
      next unless @course.whole?

      done = executed(step).uniq - failed(step)
      complain(step.name, "not merged", done - seen.map(&:path))
      check_merged_attempts(step, seen) if step.forked? && step.hold?
    end
  end

  def check_merged_attempts(step, seen)
    complain(step.name, "merged, although it failed", seen.map(&:path) & failed(step))
    complain(step.name, "merged from several attempts", repeated(seen.map(&:path)))
  end

  def check_attempts
    attempts = ChaosAttempts.new(@shape, @lines, @failures, @stats, @course)
    @problems.concat(attempts.problems)
  end

  def wrong(step, text) = @problems << "#{step.name}: #{text}"

  def complain(stage, what, paths)
    @problems << "#{stage}: #{what}: #{paths.first(5).inspect}" unless paths.empty?
  end

  def repeated(list) = list.tally.select { |_, count| count > 1 }.keys
end
