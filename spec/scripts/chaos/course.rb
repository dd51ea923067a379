# frozen_string_literal: true

require "timeout"
require_relative "job"

# How a run goes: to its end, or told to end on its way. Knows what came out of it.
class ChaosCourse
  SIGNALS = { term: %i[TERM], int: %i[INT], signals: %i[TERM INT] }.freeze
  # What is thrown in.
  class Thrown < StandardError; end

  @signals = Thread::Queue.new

  class << self
    # @return [Thread::Queue] signals that came through to the program's own handlers
    attr_reader :signals

    def listen
      %w[TERM INT].each { |name| Signal.trap(name) { ChaosCourse.signals << name } }
    end
  end

  attr_reader :problems

  def initialize(shape, job)
    @shape = shape
    @job = job
    @problems = []
  end

  # @return [self]
  def run
    case @shape.course
    when :plain then work
    when *SIGNALS.keys then signalled(SIGNALS.fetch(@shape.course))
    when :timeout then timed
    else thrown(@shape.course)
    end
    check_strict if whole?
    self
  end

  # @return [Boolean] was every item that the producer had emitted worked off?
  def whole? = !@given_up

  # @return [Boolean] had the producer the time to come to its end?
  def complete? = @shape.course == :plain || (whole? && !SIGNALS.key?(@shape.course))

  private

  def work
    @job.run(raise_on_failure: @shape.strict?)
  rescue Minigun::ItemsFailed => e
    @raised = e
  end

  # A run that is given up raises nothing of its own kind.
  def check_strict
    wanted = @shape.strict? && !@job.report.success?
    @problems << "raise_on_failure: #{wanted} was wanted, got #{@raised.inspect}" unless wanted == !@raised.nil?
    return if @raised.nil? || @raised.report.failed == @job.report.failed

    @problems << "the error reports #{@raised.report.failed} of #{@job.report.failed} failures"
  end

  # The signals reach the program's own handlers in the end, and the run is over by then.
  def signalled(names)
    ChaosCourse.signals.clear
    sender = Thread.new do
      sleep @shape.moment
      names.each do |name|
        Process.kill(name, Process.pid)
        sleep @shape.moment / 4
      end
    end
    work
  rescue SignalException
    @given_up = true
  ensure
    sender.join
    @problems << "the signal did not come through" unless heard
  end

  def heard
    Timeout.timeout(10) { ChaosCourse.signals.pop }
  rescue Timeout::Error
    nil
  end

  def timed
    Timeout.timeout(0.001 + @shape.moment) { work }
  rescue Timeout::Error
    @given_up = true
  end

  def thrown(way)
    runner = Thread.new do
      Thread.current.report_on_exception = false
      work
      Thread.current[:over] = true
    end
    sleep @shape.moment
    way == :kill ? runner.kill : runner.raise(Thrown)
    runner.join(60) or @problems << "nothing came out of the run"
    @given_up = !runner[:over]
  rescue Thrown
    @given_up = true
  end
end
