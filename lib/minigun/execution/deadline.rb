# frozen_string_literal: true

module Minigun
  module Execution
    # The time that a child has for one item. The supervisor, which needs nothing of Ruby, sees to it.
    #
    # @api private
    class Deadline
      # @param child [Native::Child]
      # @param recovery [Recovery]
      def initialize(child, recovery)
        @child = child
        @seconds = recovery.timeout
        @grace = recovery.grace
        @due = nil
      end

      # Starts the clock of an item.
      def start
        return unless @seconds

        @due = Minigun.monotonic_time + @seconds
        @child.grace = @grace
        @child.deadline = @seconds
      end

      # Stops the clock; what has not been sent by now will not be.
      def stop
        return unless @due

        @due = nil
        @child.deadline = nil
      end

      # Waits for other stages are not the child's time.
      def suspend
        return yield unless @due

        before = Minigun.monotonic_time
        @child.deadline = nil
        yield
        now = Minigun.monotonic_time
        @due += now - before
        @child.deadline = [@due - now, 0].max
      end

      # @return [Boolean] was the child told to end because its time was up?
      def missed? = @child.cause == :deadline
    end
  end
end
