# frozen_string_literal: true

require "etc"
require "json"
require "tmpdir"
require_relative "marked_run"
require_relative "variant"

# Every fault point with every action in every context that forks, each in its own Ruby with a
# deadline; and what must hold after it.
class FaultMatrix
  CHILD = %w[
    at_fork before_ready after_started after_reserve mid_copy before_publish after_publish before_wake
    after_last_item after_end during_flush
  ].freeze
  PARENT = %w[after_fork before_pidfd before_register after_death before_reap].freeze
  # What the parent does with the ring that carries items to its children.
  INBOX = %w[after_reserve mid_copy before_publish after_publish before_wake].freeze
  ACTIONS = %w[kill stop sleep].freeze
  KINDS = %w[processes process_per_batch].freeze
  # Which visit: the first finds everything empty, the fifth a run in full swing.
  VISITS = (ENV["LONG"] == "1" ? [1, 2, 5, 9] : [1]).freeze
  ITEMS = (0...12).to_a.freeze
  SECONDS = 30

  Case = Struct.new(:point, :action, :kind, :visit, :on_stop, keyword_init: true) do
    def parent? = point.start_with?("parent.")

    # The parent's own death ends the run: the only thing left to check is that nothing remains.
    def fatal? = parent? && (action == "kill" || on_stop == :KILL)

    # Nothing dies of it, so nothing may be lost.
    def harmless? = action == "sleep" || (action == "stop" && on_stop == :CONT)

    def to_s = "#{point}:#{action}#{"+#{on_stop}" if action == "stop"}:#{visit} in #{kind}"
  end

  def initialize(variant = Variant.new("faults", switches: { "MINIGUN_FAULTS" => "1" }), only: ENV.fetch("POINT", ""))
    @variant = variant
    @only = only
  end

  # @return [Array<String>] what went wrong
  def run(cases = self.cases)
    queue = Queue.new
    cases.each { |one| queue << one }
    queue.close
    problems = Queue.new
    Array.new(Etc.nprocessors) { Thread.new { work(queue, problems) } }.each(&:join)
    Array.new(problems.size) { problems.pop }
  end

  def cases
    points = CHILD + (PARENT + INBOX).map { |name| "parent.#{name}" }
    points.product(KINDS, VISITS).flat_map { |point, kind, visit| cases_of(point, kind, visit) }
          .select { |one| possible?(one) && one.point.include?(@only) }
  end

  # @return [Array<String>] what is wrong with one case; empty = nothing
  def check(one)
    Dir.mktmpdir do |dir|
      run = run_case(one, dir)
      visited = File.exist?("#{dir}/faults") ? File.readlines("#{dir}/faults").size : 0
      problems_of(one, run, visited).map { |text| "#{one}: #{text}" }
    end
  end

  private

  def cases_of(point, kind, visit)
    ACTIONS.flat_map do |action|
      ends = action == "stop" ? %i[CONT KILL] : [nil]
      ends.map { |on_stop| Case.new(point: point, action: action, kind: kind, visit: visit, on_stop: on_stop) }
    end
  end

  # Without an inbox the parent writes nothing; the two children of a pool come to an end twice only.
  def possible?(one)
    return one.kind == "processes" if one.parent? && INBOX.include?(one.point.delete_prefix("parent."))

    rare = %w[at_fork before_ready after_last_item after_end during_flush] + PARENT.map { |name| "parent.#{name}" }
    one.kind != "processes" || one.visit == 1 || !rare.include?(one.point)
  end

  def work(queue, problems)
    while (one = queue.pop)
      check(one).each do |text|
        warn text
        problems << text
      end
    end
  end

  def run_case(one, dir)
    # What other programs leave in the common directory is not this one's.
    env = { "MINIGUN_FAULT" => "#{one.point}:#{one.action}:#{one.visit}", "MINIGUN_FAULT_LOG" => "#{dir}/faults",
            "TMPDIR" => dir }
    MarkedRun.new("-I#{@variant.library}", "#{@variant.root}/spec/scripts/fault_point.rb", one.kind, "#{dir}/log",
                  env: env, deadline: SECONDS, on_stop: one.on_stop).call
  end

  def problems_of(one, run, visited)
    problems = run.remains
    problems << "reached #{visited} times" unless visited == 1
    problems << "nothing was stopped" if one.action == "stop" && run.stopped.zero?
    return problems if run.timed_out?
    return problems + (run.status.signaled? ? [] : ["survived"]) if one.fatal?
    return problems << "ended with #{run.status}: #{run.stderr[-500..]}" unless run.status.success?

    problems + account(one, JSON.parse(run.stdout.lines.last, symbolize_names: true))
  end

  def account(one, told)
    run = told[:run]
    broken(
      "left behind: #{told[:before]} became #{told[:after]}" => told[:before] != told[:after],
      "executed more than once: #{told[:executed].sort}" => twice?(told[:executed]),
      "failed: #{run[:failures]}" => one.harmless? && run[:failed].positive?,
      "more than one item failed" => run[:failed] > 1,
      "the next run: #{told[:again]}" => !whole?(told[:again])
    ) + outcomes(run, told[:executed])
  end

  # Every item is done or failed, and never both: done ones are executed, delivered and merged once.
  def outcomes(run, executed)
    failed = run[:failures].map { |text| Integer(text) }
    done = ITEMS - failed
    broken(
      "counts #{run[:counts]}, #{run[:failed]} failed" => !counted?(run, failed.size),
      "failures #{failed}" => twice?(failed) || (failed - ITEMS).any?,
      "not executed: #{done - executed}" => (done - executed).any?,
      "delivered #{run[:results].sort}, failed #{failed}" => twice?(run[:results]) || (done - run[:results]).any?,
      "merged #{run[:seen].sort}, failed #{failed}" => run[:seen].sort != done
    )
  end

  def broken(conditions) = conditions.select { |_, condition| condition }.keys

  def twice?(list) = list.uniq.size < list.size

  def counted?(run, failed)
    run[:failed] == failed && run[:counts].values_at(:consumed, :failed) == [ITEMS.size, failed]
  end

  def whole?(run)
    run[:failed].zero? && run[:results].sort == ITEMS && run[:seen].sort == ITEMS
  end
end
