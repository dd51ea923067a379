# frozen_string_literal: true

require_relative "native"
require_relative "stats/account"
require_relative "stats/timed"
require_relative "stats/reservoir"
require_relative "stats/child_memory"
require_relative "stats/aggregated_stats"

module Minigun
  # What one stage did: how many items, how long they took. Safe to use from several threads.
  class Stats
    include Timed
    include Reservoir
    include Account
    include ChildMemory

    # Latencies kept as a sample of all.
    RESERVOIR_SIZE = 1000

    # @return [Symbol]
    attr_reader :stage_name
    # @api private
    # @return [Native::Tally] where the counts are. Instance variables follow when they are asked for, and
    #   at the end.
    attr_reader :tally

    # @param stage_name [Symbol]
    # @param is_terminal [Boolean] whether nothing follows the stage
    def initialize(stage_name, is_terminal: false)
      @stage_name = stage_name
      @is_terminal = is_terminal
      @latency_count = 0
      @latency_samples = []
      @tally = Native::Tally.new(self, RESERVOIR_SIZE)
      @parts = nil
      @child_memory = []
      bring_up_to_date
    end

    # @return [Boolean]
    def terminal?
      @is_terminal
    end

    # @return [Integer]
    def items_produced = @items_produced = @tally.produced

    # @return [Integer]
    def items_consumed = @items_consumed = @tally.consumed

    # @return [Integer]
    def items_failed = @items_failed = @tally.failed

    # @param count [Integer]
    # @return [Integer] the new number
    def increment_produced(count = 1)
      @items_produced = @tally.add_produced(count)
    end

    # @param (see #increment_produced)
    # @return (see #increment_produced)
    def increment_consumed(count = 1)
      @items_consumed = @tally.add_consumed(count)
    end

    # @param (see #increment_produced)
    # @return (see #increment_produced)
    def increment_failed(count = 1)
      @items_failed = @tally.add_failed(count)
    end

    # Stops the clock.
    # @param (see Timed#finish!)
    # @return [void]
    def finish!(instant = Minigun.monotonic_time)
      super
      bring_up_to_date
    end

    # @return [Integer] consumed items of a terminal stage, produced ones of any other
    def total_items
      @is_terminal ? items_consumed : items_produced
    end

    # @return [Numeric] items a second
    def throughput
      seconds = runtime
      seconds.zero? ? 0 : total_items / seconds
    end

    # @return [Numeric] seconds an item
    def time_per_item
      total_items.zero? ? 0 : runtime / total_items
    end

    # @return [Float] percent of the items that did not fail; 100.0 when there were no items. A stage
    #   that emits less than it takes is judged by what it took: what failed was not emitted.
    def success_rate
      total = [total_items, items_consumed].max
      return 100.0 if total.zero?

      [total - items_failed, 0].max * 100.0 / total
    end

    # @return [Hash{Symbol=>Object}]
    def to_h
      hash = {
        stage_name: stage_name, runtime: runtime.round(2), items_produced: items_produced,
        items_consumed: items_consumed, items_failed: items_failed, total_items: total_items,
        throughput: throughput.round(2), time_per_item: time_per_item.round(4),
        success_rate: success_rate.round(2)
      }
      hash[:latency] = latency_to_h if has_latency_data?
      hash
    end

    # @return [String] one line
    def to_s
      parts = ["Runtime: #{runtime.round(2)}s", "Items: #{total_items}",
               "Throughput: #{throughput.round(2)} items/s"]
      parts << "Failed: #{items_failed}" if items_failed.positive?
      parts << "Latency P50/P90/P95/P99: #{latency_to_h.values.first(4).join("/")} ms" if has_latency_data?
      "#{stage_name}: #{parts.join(", ")}"
    end

    private

    def bring_up_to_date
      items_produced
      items_consumed
      items_failed
      @tally.report
    end
  end
end
