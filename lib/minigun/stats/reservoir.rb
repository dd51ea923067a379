# frozen_string_literal: true

module Minigun
  class Stats
    # A uniform sample of all latencies seen (algorithm R), in bounded memory.
    module Reservoir
      # @param seconds [Numeric]
      # @return [void]
      def record_latency(seconds)
        @tally.observe(seconds)
        nil
      end

      # @return [Boolean]
      def has_latency_data?
        !@latency_samples.empty?
      end

      # @param percent [Numeric]
      # @return [Numeric] seconds; that share of the sample took no longer. 0 without a sample.
      def percentile(percent)
        pick(sorted_latencies, percent)
      end

      # @return [Numeric] seconds
      def p50
        percentile(50)
      end

      # @return [Numeric] seconds
      def p90
        percentile(90)
      end

      # @return [Numeric] seconds
      def p95
        percentile(95)
      end

      # @return [Numeric] seconds
      def p99
        percentile(99)
      end

      private

      def sorted_latencies = @latency_samples.sort

      def pick(sorted, percent)
        return 0 if sorted.empty?

        index = (percent * sorted.size / 100.0).ceil - 1
        sorted[index.clamp(0, sorted.size - 1)]
      end

      def latency_to_h
        sorted = sorted_latencies
        @tally.report
        milliseconds = { p50: 50, p90: 90, p95: 95, p99: 99 }.transform_values do |percent|
          (pick(sorted, percent) * 1000).round(2)
        end
        milliseconds.merge(samples: sorted.size, observations: @latency_count)
      end
    end
  end
end
