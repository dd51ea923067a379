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
      # The counter of the run's own process; a process with another pid counts beside it. Chosen without
      # a branch: there a thread can be ended, and its unit would not be given back.
      HOME = 1
      private_constant :HOME

      # @param signals [Thread::Queue] receives :quiet each time the count reaches zero
      def initialize(signals)
        @pid = Native.pid
        @counters = Native::Counters.new(3)
        @signals = signals
      end

      # @param count [Integer] units to add
      def raise_by(count)
        @counters.add((Native.pid <=> @pid) + HOME, count)
      end

      # @param count [Integer] units to give back
      def lower_by(count)
        @signals << :quiet if @counters.add((Native.pid <=> @pid) + HOME, -count).zero?
      end

      # @return [Integer] units under way
      def count = @counters.get(HOME)

      # @return [Boolean]
      def zero? = count.zero?
    end
  end
end
