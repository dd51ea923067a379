# frozen_string_literal: true

module Minigun
  class Flow
    # Counts what is under way in one run: every producer that has not ended, every item that waits
    # in an inbox and every item whose block has not returned. An item's own unit is given back only
    # after what it emitted was counted, so the count reaches zero once, when nothing can follow.
    # Counters are shared with forked processes, but what becomes of a copy of the run in a process
    # that a block has forked is not counted.
    #
    # @api private
    class InFlight
      # @param signals [Thread::Queue] receives :quiet each time the count reaches zero
      def initialize(signals)
        @pid = Native.pid
        @counters = Native::Counters.new(1)
        @signals = signals
      end

      # @param count [Integer] units to add
      def raise_by(count)
        @counters.add(0, count) if Native.pid == @pid
      end

      # @param count [Integer] units to give back
      def lower_by(count)
        @signals << :quiet if Native.pid == @pid && @counters.add(0, -count).zero?
      end

      # @return [Integer] units under way
      def count = @counters.get(0)

      # @return [Boolean]
      def zero? = count.zero?
    end
  end
end
