# frozen_string_literal: true

module Minigun
  module Execution
    # The time that a child has for one item, from its start there. The supervisor, which needs
    # nothing of Ruby, sees to it.
    #
    # @api private
    class Deadline
      # @param child [Native::Child]
      # @param recovery [Recovery]
      def initialize(child, recovery)
        @child = child
        @seconds = recovery.timeout
        @grace = recovery.grace
        @start = recovery.spawn_timeout
      end

      # @param item [Integer] its number in the child
      def start(item)
        return unless @seconds

        @item = item
        @budget = @seconds
        @child.grace = @grace
        run
      end

      # The item is over; what has not been sent to the child by now will not be.
      def stop
        return unless @item

        @item = nil
        @child.deadline = nil
      end

      # Waits for other stages are not the child's time.
      def suspend
        return yield unless @item

        before = Minigun.monotonic_time
        @child.deadline = nil
        yield
        @budget += Minigun.monotonic_time - before
        run
      end

      # @return [Boolean] was the child told to end because its time was up?
      def missed? = @child.cause == :deadline

      private

      # `after_fork` hooks run before the first item: they get the time as well.
      def run = @child.time_item(@item, @budget, @start + @budget)
    end
  end
end
