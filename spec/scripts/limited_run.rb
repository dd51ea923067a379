# frozen_string_literal: true

require "json"
require_relative "base_set"
require_relative "common"

# Runs under a limit that is raised step by step, in one process, and what must hold after each.
class LimitedRun
  ITEMS = (0...3).to_a.freeze

  # Knows when the first error was told.
  class Watch < Logger
    attr_reader :first

    def initialize = super(File::NULL)

    def error(...)
      @first ||= BaseSet.now
      super
    end
  end

  class Job
    include Minigun::DSL

    attr_reader :results, :seen

    def initialize(kind)
      @kind = kind
      @results = []
      @seen = []
    end

    pipeline do
      kind = @kind
      producer(:source) { ITEMS.each { |n| emit n } }
      within(self, kind) do |options|
        processor(:work, options) do |number|
          @seen << number
          emit number
        end
      end
      consumer(:sink) { |number| @results << number }
    end
  end

  # @param kind [String] the context
  # @param resource [Symbol] of Process.setrlimit
  # @param named [Regexp] what each error must say
  def initialize(kind, resource, named)
    @kind = kind
    @resource = resource
    @named = named
    @soft, @hard = Process.getrlimit(resource)
    @problems = []
    @slowest = 0.0
    @steps = @errors = 0
    @before = BaseSet.take
    check_whole("the run before")
  end

  # Ruby keeps native threads for some seconds: with them the next run needs none.
  #
  # @return [self]
  def cool_down
    BaseSet.settled(@before)
    self
  end

  # @param limits [Enumerable<Integer>] goes on until two runs in a row are whole
  def climb(limits)
    whole = 0
    limits.each do |limit|
      whole = step(limit) ? whole + 1 : 0
      break if whole == 2
    end
    @problems << "no run was whole" if whole < 2
    after = BaseSet.settled(@before)
    @problems << "left behind: #{@before} became #{after}" if after != @before
    tell problems: @problems, steps: @steps, errors: @errors, slowest: @slowest.round(2)
  end

  private

  # @return [Boolean] was nothing in the way?
  def step(limit)
    @steps += 1
    job = Job.new(@kind)
    error = under(limit) { job.run }
    @errors += 1 if error || job.report.failed.positive?
    check(limit, job, error)
    check_whole("the run after #{limit}")
    error.nil? && job.report.failed.zero?
  end

  # @return [Exception, nil]
  def under(limit)
    Minigun.logger = watch = Watch.new
    began = BaseSet.now
    begin
      Process.setrlimit(@resource, limit, @hard)
      yield
      error = nil
    rescue Minigun::Error, SystemCallError, ThreadError, NoMemoryError => e
      error = e
    ensure
      Process.setrlimit(@resource, @soft, @hard)
    end
    @slowest = [@slowest, (error ? BaseSet.now : watch.first || began) - began].max
    error
  end

  def check(limit, job, error)
    failures = job.report ? job.report.failures : []
    unnamed = [error, *failures.map(&:error)].compact.map(&:message).grep_v(@named)
    @problems << "#{limit}: says only #{unnamed.first}" if unnamed.any?
    check_account(limit, job, failures) unless error
  end

  def check_account(limit, job, failures)
    done = job.results.sort
    failed = failures.map { |failure| Integer(failure.item) }
    @problems << "#{limit}: done #{done}, failed #{failed}" if (done + failed).sort != ITEMS
    @problems << "#{limit}: done #{done}, merged #{job.seen}" if job.seen.sort != done
  end

  def check_whole(what)
    job = Job.new(@kind).tap(&:run)
    return if job.results.sort == ITEMS && job.report.failed.zero?

    @problems << "#{what}: #{job.results}, failed: #{job.report.failures.map(&:to_s)}"
  end
end
