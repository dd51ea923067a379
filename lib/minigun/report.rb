# frozen_string_literal: true

module Minigun
  # What became of the items of one run: a snapshot of its statistics and failures.
  #
  # In each stage and in all, `accepted = processed + failed + abandoned`. An item counts once in
  # every stage that took it.
  #
  # @example
  #   job.run
  #   job.report.failed          # => 2
  #   puts job.report            # one line per stage, then the failures
  # @see Stats::Account
  class Report
    # @return [AggregatedStats] of the root pipeline
    attr_reader :stats

    # @return [Array<Failure>] details of the first {Flow::Ledger::LIMIT} failures
    attr_reader :failures

    # @param stats [AggregatedStats]
    # @param failures [Array<Failure>]
    # @param stop [Array, nil] nothing, or the value, of a run that was stopped early
    def initialize(stats, failures, stop: nil)
      @stats = stats
      @failures = failures.dup.freeze
      @stop = stop
    end

    # @return [Boolean] has a block ended the run by {DSL#stop!}?
    def stopped? = !@stop.nil?

    # @return [Object, nil] the value that {DSL#stop!} was given
    def value = @stop&.first

    # @return [Hash{Symbol => Integer}] accepted, processed, failed, abandoned, retried: over all stages
    def totals = stats.account

    # @return [Integer] items that stages took
    def accepted = totals[:accepted]

    # @return [Integer] items that went well
    def processed = totals[:processed]

    # @return [Integer] items that failed
    def failed = totals[:failed]

    # @return [Integer] items that were dropped because the run was given up
    def abandoned = totals[:abandoned]

    # @return [Integer] attempts beyond the first
    def retried = totals[:retried]

    # @return [Boolean] did every item make it?
    def success? = totals.values_at(:failed, :abandoned).all?(&:zero?)

    # @return [Integer] items that the sources emitted
    def produced = stats.total_produced

    # @return [Float] seconds
    def runtime = stats.runtime

    # @return [Hash{Symbol => Hash}] for each stage of the root pipeline its counts
    def stages
      stats.stage_stats.transform_values do |stage|
        { consumed: stage.items_consumed, produced: stage.items_produced, **stage.account }
      end
    end

    # @return [Hash{Symbol => Hash}] for each stage whose children have told it: what their memory was, see
    #   {Stats::ChildMemory#child_memory}
    def memory = stats.stage_stats.transform_values(&:child_memory).compact

    # @return [Hash] plain data
    def to_h
      { pipeline: stats.pipeline_name, runtime: runtime, produced: produced, **totals,
        stopped: stopped?,
        stages: stages, memory: memory, failures: failures.map(&:to_h) }
    end

    # @return [String] {#to_h} as JSON
    def to_json(*args) = to_h.to_json(*args)

    # @return [String] one line
    def summary
      totals.slice(:accepted, :processed, :failed, :abandoned, :retried)
            .map { |what, count| "#{count} #{what}" }.join(", ")
    end

    # @return [String] several lines
    def to_s
      memory = self.memory
      lines = stages.map do |name, counts|
        "#{name}: #{counts[:consumed]} in, #{counts[:produced]} out, #{counts[:failed]} failed" \
          "#{", #{counts[:abandoned]} abandoned" if counts[:abandoned].positive?}#{memory_line(memory[name])}"
      end
      (lines + failures.map { |failure| "failed: #{failure}" }).join("\n")
    end

    # @param pipeline [Pipeline] that has run
    # @param wanted [Boolean, nil] nil = as its configuration says
    # @return [void]
    # @raise [ItemsFailed] when that is wanted and items failed
    def self.check(pipeline, wanted = nil)
      wanted = pipeline.config[:raise_on_failure] if wanted.nil?
      report = pipeline.report
      return if !wanted || report.success?

      raise ItemsFailed.new("#{report.failed} of #{report.accepted} items failed", report: report)
    end

    private

    def memory_line(memory)
      return unless memory

      sizes = %i[private shared].map { |kind| "#{(memory[kind][:median] / 1e6).round(1)} MB #{kind}" }
      ", a child: #{sizes.join(", ")}"
    end
  end
end
