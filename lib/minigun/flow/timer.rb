# frozen_string_literal: true

module Minigun
  class Flow
    # Tells accumulators that a batch has waited long enough. One thread for all of a run, from the
    # first call on.
    #
    # @api private
    class Timer
      # @param in_flight [InFlight]
      def initialize(in_flight)
        @in_flight = in_flight
        @turn = Thread::Mutex.new
        @changed = Thread::ConditionVariable.new
        @alarms = []
        @stopped = false
      end

      # @param node [Node] gets {Execution::Batching::DUE} as an item
      # @param time [Float] of the monotonic clock
      def wake(node, time)
        @turn.synchronize do
          @alarms << [time, node]
          @thread ||= Thread.new { main }
          @changed.signal
        end
      end

      # From now on nobody is woken.
      def stop
        @turn.synchronize do
          @stopped = true
          @changed.signal
        end
        @thread&.join
      end

      private

      def main
        ThreadGroup::Default.add(Thread.current)
        Thread.current.name = "minigun:timer"
        while (node = await)
          ring(node)
        end
      end

      # @return [Node, nil] the next whose time has come; nil when there are to be no more
      def await
        @turn.synchronize do
          loop do
            return if @stopped

            alarm = @alarms.min_by(&:first)
            rest = alarm && (alarm.first - Minigun.monotonic_time)
            return @alarms.delete(alarm).last if rest && rest <= 0

            @changed.wait(@turn, rest)
          end
        end
      end

      def ring(node)
        @in_flight.raise_by(1)
        node.push(Execution::Batching::DUE)
      rescue ClosedQueueError
        @in_flight.lower_by(1)
      end
    end
  end
end
