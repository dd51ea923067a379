# frozen_string_literal: true

module Minigun
  module Native
    # What one stage of a run counts. Every change is one step for other threads, and for what is thrown
    # into a thread, which is heard before or after it. Not shared with other processes.
    #
    # @api private
    class Tally
      # @!method initialize(stats, sample_size)
      #   @param stats [Stats] its `@latency_samples` and `@latency_count` are kept
      #   @param sample_size [Integer] latencies of the sample

      # @!method accepted
      #   @return [Integer]
      # @!method add_accepted(count)
      #   @return [Integer] the new number
      # @!method consumed
      #   @return [Integer]
      # @!method add_consumed(count)
      #   @return [Integer] the new number
      # @!method produced
      #   @return [Integer]
      # @!method add_produced(count)
      #   @return [Integer] the new number
      # @!method processed
      #   @return [Integer]
      # @!method add_processed(count)
      #   @return [Integer] the new number
      # @!method failed
      #   @return [Integer]
      # @!method add_failed(count)
      #   @return [Integer] the new number
      # @!method retried
      #   @return [Integer]
      # @!method add_retried(count)
      #   @return [Integer] the new number

      # @!method observe(seconds)
      #   Counts a latency, and keeps it if it is to be one of the sample.

      # @!method report
      #   Brings `@latency_count` up to date: a {Stream} counts most latencies without measuring them.
    end
  end
end
