# frozen_string_literal: true

require_relative "../clock"

module Minigun
  class Stats
    # A start and an end. The times are for reading; the runtime comes from the monotonic clock, and
    # the end is as far from the start as that says, also when the time of day was set in between.
    module Timed
      # @return [Time, nil]
      attr_reader :start_time, :end_time

      # @return [void]
      def start!
        @start_time = Time.now
        @end_time = @ended_at = nil
        @started_at = Minigun.monotonic_time
      end

      # @param instant [Float] of the monotonic clock; several clocks stopped at one instant compare
      # @return [void]
      def finish!(instant = Minigun.monotonic_time)
        @ended_at = instant
        @end_time = @started_at ? @start_time + runtime : Time.now
      end

      # @return [Boolean]
      def started?
        !@started_at.nil?
      end

      # @return [Boolean]
      def finished?
        !@ended_at.nil?
      end

      # @return [Numeric] seconds from the start to the end, or to now; 0 before the start
      def runtime
        return 0 unless @started_at

        (@ended_at || Minigun.monotonic_time) - @started_at
      end
    end
  end
end
