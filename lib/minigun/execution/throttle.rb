# frozen_string_literal: true

require_relative "../native"
require_relative "../stage/limits"

module Minigun
  module Execution
    # Lets the runs of a stage's block begin so fast, and be so many at once, as the stage's options say.
    # It lies in shared memory: made before the first fork, it holds in all children.
    #
    # @api private
    class Throttle
      NANOSECONDS = 1_000_000_000
      private_constant :NANOSECONDS

      # @param options [Hash] of a stage
      # @return [Throttle, nil] nil = there is nothing to hold back
      def self.of(options)
        given = options.slice(*Limits::PACE).compact
        new(**given) unless given.empty?
      end

      # @param rate [Numeric, nil]
      # @param per [Numeric] seconds
      # @param burst [Integer]
      # @param limit [Integer, nil]
      # @see Limits
      def initialize(rate: nil, per: 1, burst: 1, limit: nil)
        # Rounded up: never faster than what was said.
        @clock = Native::Rate.new((per.to_r * NANOSECONDS / rate.to_r).ceil, burst) if rate
        @places = Native::Semaphore.new(limit) if limit
      end

      # Runs the block when its time has come. The place is taken before the time: one that waits for
      # others would let its time pass.
      #
      # @return [Object] the block's value
      def pass
        return in_time { yield } unless @places

        @places.synchronize { in_time { yield } }
      end

      private

      def in_time
        @clock&.wait
        yield
      end
    end
  end
end
