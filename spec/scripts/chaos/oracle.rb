# frozen_string_literal: true

require "set"

# Counts every item of a run again, from what was appended to the log and what the report says.
#
# In each stage, what arrived is what was executed or is reported as failed. All of it must stem from
# an item that was executed before, all that a done item emits must have arrived, and nothing twice.
class ChaosOracle
  def initialize(shape, lines, report, stats, seen)
    @shape = shape
    @executed = lines.group_by { |line| line.split.first }.transform_values { |list| list.map { |line| line.split[1] } }
    @failed = failures(report)
    @report = report
    @stats = stats
    @seen = seen
  end

  # @return [Array<String>] what is wrong
  def problems
    @problems = []
    count_failures
    due = Array.new(@shape.items, &:to_s)
    possible = due
    to_sink = { due: [], possible: [] }
    @shape.steps.each { |step| due, possible = check_step(step, due, possible, to_sink) }
    check(:sink, due + to_sink[:due], possible + to_sink[:possible])
    check_merged
    @problems
  end

  private

  def failures(report)
    report.failures.group_by { |failure| failure.stage.to_s }.transform_values do |list|
      list.flat_map { |failure| failure.item.scan(/\["([\d.]+)"/).flatten }
    end
  end

  def executed(stage) = @executed.fetch(stage.to_s, [])

  def failed(stage) = @failed.fetch(stage.to_s, [])

  # @return [Array(Array, Array)] what must arrive in the next step, what may
  def check_step(step, due, possible, to_sink)
    done = check(step.name, due, possible) - failed(step.name)
    next_due, due_sink = emitted(step, done)
    next_possible, possible_sink = emitted(step, executed(step.name))
    to_sink[:due].concat(due_sink)
    to_sink[:possible].concat(possible_sink)
    [next_due, next_possible]
  end

  def emitted(step, paths)
    paths.flat_map { |path| @shape.children(step, path) }.partition { |path| !@shape.jumps?(step, path) }
  end

  # @return [Array<String>] what has arrived
  def check(stage, due, possible)
    complain(stage, "executed more than once", repeated(executed(stage)))
    complain(stage, "failed more than once", repeated(failed(stage)))
    arrived = executed(stage) | failed(stage)
    complain(stage, "lost", due - arrived)
    complain(stage, "from nowhere", arrived - possible)
    consumed = @stats.fetch(stage).items_consumed
    @problems << "#{stage}: #{consumed} counted, #{arrived.size} arrived" if counts?(stage) && consumed != arrived.size
    arrived
  end

  # A stage that takes lists counts lists.
  def counts?(stage) = @shape.steps.none? { |step| step.name == stage && step.does == :batch }

  def count_failures
    listed = @report.failures.sum(&:count)
    @problems << "#{@report.failed} failed, #{listed} listed" unless @report.failed == listed
    unknown = @report.failures.reject { |failure| failure.item.match?(/\["[\d.]+"/) }
    @problems << "failures of no item: #{unknown.map(&:to_s)}" unless unknown.empty?
  end

  # What blocks add to the instance's containers comes home with the item's outcome.
  def check_merged
    lines = @executed.flat_map { |stage, paths| paths.map { |path| "#{stage} #{path}" } }
    bad = @failed.flat_map { |stage, paths| paths.map { |path| "#{stage} #{path}" } }
    complain(:state, "merged more than once", repeated(@seen))
    complain(:state, "not merged", lines - bad - @seen)
    complain(:state, "from nowhere", @seen - lines)
  end

  def complain(stage, what, paths)
    @problems << "#{stage}: #{what}: #{paths.first(5).inspect}" unless paths.empty?
  end

  def repeated(list) = list.tally.select { |_, count| count > 1 }.keys
end
