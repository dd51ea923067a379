# frozen_string_literal: true

module Minigun
  # What became of the items of one run: a snapshot of its statistics and failures.
  #
  # @example
  #   job.run
  #   job.report.failed          # => 2
  #   puts job.report            # one line per stage, then the failures
  class Report
    # @return [AggregatedStats] of the root pipeline
    attr_reader :stats

    # @return [Array<Failure>] details of the first {Flow::Ledger::LIMIT} failures
    attr_reader :failures

    # @return [Integer] items that failed, in all stages
    attr_reader :failed

    # @param stats [AggregatedStats]
    # @param failures [Array<Failure>]
    # @param failed [Integer]
    def initialize(stats, failures, failed)
      @stats = stats
      @failures = failures.dup.freeze
      @failed = failed
    end

    # @return [Boolean] did every item make it?
    def success? = failed.zero?

    # @return [Integer] items that the sources emitted
    def produced = stats.total_produced

    # @return [Float] seconds
    def runtime = stats.runtime

    # @return [Hash{Symbol => Hash}] for each stage of the root pipeline its counts
    def stages
      stats.stage_stats.transform_values do |stage|
        { consumed: stage.items_consumed, produced: stage.items_produced, failed: stage.items_failed }
      end
    end

    # @return [Hash] plain data
    def to_h
      { pipeline: stats.pipeline_name, runtime: runtime, produced: produced, failed: failed,
        stages: stages, failures: failures.map(&:to_h) }
    end

    # @return [String] {#to_h} as JSON
    def to_json(*args) = to_h.to_json(*args)

    # @return [String] several lines
    def to_s
      lines = stages.map do |name, counts|
        "#{name}: #{counts[:consumed]} in, #{counts[:produced]} out, #{counts[:failed]} failed"
      end
      (lines + failures.map { |failure| "failed: #{failure}" }).join("\n")
    end
  end
end
