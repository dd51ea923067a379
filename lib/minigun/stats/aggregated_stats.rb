# frozen_string_literal: true

require_relative "timed"

module Minigun
  # What a pipeline did, by stage.
  class AggregatedStats
    include Stats::Timed

    EMPTY_ACCOUNT = { accepted: 0, processed: 0, failed: 0, abandoned: 0, retried: 0 }.freeze
    private_constant :EMPTY_ACCOUNT

    # @return [Symbol]
    attr_reader :pipeline_name
    # @return [Hash{Symbol=>Stats}]
    attr_reader :stage_stats

    # @param pipeline_name [Symbol]
    # @param dag [DAG] says which stages are sources and which are terminal
    def initialize(pipeline_name, dag)
      @pipeline_name = pipeline_name
      @dag = dag
      @stage_stats = {}
      @mutex = Mutex.new
    end

    # @param name [Symbol]
    # @param is_terminal [Boolean] counts only when the stage is asked for first
    # @return [Stats] always the same object for a name
    def for_stage(name, is_terminal: false)
      @mutex.synchronize { @stage_stats[name] ||= Stats.new(name, is_terminal: is_terminal) }
    end

    # Stops the clock, at the same instant for every stage whose own is running.
    # @param (see Stats::Timed#finish!)
    # @return [void]
    def finish!(instant = Minigun.monotonic_time)
      snapshot.each { |stats| stats.finish!(instant) if stats.started? && !stats.finished? }
      super
    end

    # @return [Integer] over all stages
    def total_items
      snapshot.sum(&:total_items)
    end

    # @return [Integer] items that the sources produced
    def total_produced
      sum_over(@dag.sources, &:items_produced)
    end

    # @return [Integer] items that the terminal stages consumed
    def total_consumed
      sum_over(@dag.terminals, &:items_consumed)
    end

    # @return [Hash{Symbol => Integer}] accepted, processed, failed, abandoned, retried: over all stages
    # @see Stats::Account
    def account
      snapshot.map(&:account).reduce(EMPTY_ACCOUNT) { |sum, part| sum.merge(part) { |_, a, b| a + b } }
    end

    # @return [Numeric] produced items a second
    def throughput
      seconds = runtime
      seconds.zero? ? 0 : total_produced / seconds
    end

    # @return [Stats, nil] of the stage with the lowest throughput, the first such one
    def bottleneck
      snapshot.min_by.with_index { |stats, index| [stats.throughput, index] }
    end

    # @return [Array<Stats>] sources first
    def stages_in_order
      @dag.topological_sort.filter_map { |name| stage_stats[name] }
    end

    # @return [Hash{Symbol=>Object}]
    def to_h
      hash = {
        pipeline: pipeline_name, runtime: runtime.round(2), total_produced: total_produced,
        total_consumed: total_consumed, throughput: throughput.round(2), stages: stages_in_order.map(&:to_h)
      }
      slowest = bottleneck
      hash[:bottleneck] = { stage: slowest.stage_name, throughput: slowest.throughput.round(2) } if slowest
      hash
    end

    # @return [String] several lines
    def summary
      slowest = bottleneck
      lines = ["Pipeline: #{pipeline_name}", "  Runtime: #{runtime.round(2)}s",
               "  Items: #{total_produced} produced, #{total_consumed} consumed",
               "  Throughput: #{throughput.round(2)} items/s"]
      lines << "  Bottleneck: #{slowest.stage_name} (#{slowest.throughput.round(2)} items/s)" if slowest
      lines << "  Stages:"
      lines.concat(stages_in_order.map { |stats| "    #{stats}" }).join("\n")
    end

    private

    def snapshot
      @mutex.synchronize { @stage_stats.values }
    end

    def sum_over(names)
      names.sum { |name| stage_stats[name] ? yield(stage_stats[name]) : 0 }
    end
  end
end
