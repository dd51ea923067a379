# frozen_string_literal: true

require_relative "log"
require_relative "signals"

module Minigun
  # One run with everything around it: job id, log lines, signals.
  class Runner
    # @return [String] eight hexadecimal digits, in the log lines of this run
    attr_reader :job_id

    # @return [Task]
    attr_reader :task

    # @return [Object] the user's instance
    attr_reader :context

    # @param task [Task]
    # @param context [Object] the object that blocks run on
    # @param pipeline [Pipeline] what to run; the task's root pipeline by default
    # @param raise_on_failure [Boolean, nil] nil = as the class says
    # @param options [Hash] `resume_from` and `warmup` of {Pipeline#run}
    def initialize(task, context, pipeline: task.root_pipeline, raise_on_failure: nil, **options)
      @task = task
      @context = context
      @pipeline = pipeline
      @raise_on_failure = raise_on_failure
      @options = options
      @job_id = SecureRandom.hex(4)
    end

    # Runs the pipeline to its end.
    #
    # On INT, TERM or QUIT the producers are stopped and what they have emitted is worked off; on a
    # second signal, or after {Signals::GRACE} seconds, the run is given up. Either way the signal
    # is then sent again, to whatever handler was there before, when no other run is under way.
    #
    # @return [Object] the value given to {DSL#stop!}, or else the number of items produced by the sources
    # @raise [Exception] what a stage raised, when it was not a StandardError
    # @raise [ItemsFailed] when that is wanted and items failed
    def run
      log("Starting pipeline #{@pipeline.name}")
      result = Signals.listen(self) do
        @pipeline.run(context, job_id: job_id, **@options) { |flow| attend(flow) }
      end
      finished = true
      log_summary("Finished")
      Report.check(@pipeline, @raise_on_failure)
      result
    ensure
      begin
        log_summary("Gave up") if @flow && !finished && @pipeline.report
      ensure
        Signals.deliver
      end
    end

    # @api private
    # @param name [String]
    # @param now [Boolean] end at once instead of working off what is there
    def signal(name, now)
      @signal = name
      Log.warn("#{prefix} SIG#{name}: #{now ? "giving up" : "finishing what was started"}")
    rescue StandardError
      # A logger that fails must not cost the signal.
      nil
    ensure
      act_on(name, now) if @flow
    end

    private

    def act_on(name, now)
      now ? @flow.fatal(SignalException.new("SIG#{name}")) : @flow.stop_producers
    end

    # A signal may have come before there was anything to stop.
    def attend(flow)
      @flow = flow
      flow.stop_producers if @signal
    end

    def log_summary(how)
      stats = @flow.stats
      count = stats.total_produced
      rate = stats.runtime.positive? ? (count / stats.runtime).round(1) : 0
      log("#{how} in #{stats.runtime.round(3)}s: #{count} produced, #{stats.total_consumed} consumed, " \
          "#{@pipeline.report.summary}, #{rate} items/s")
    end

    def log(text) = Minigun.logger.info("#{prefix} #{text}")

    def prefix = "[Job:#{job_id}]"
  end
end
