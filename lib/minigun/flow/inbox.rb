# frozen_string_literal: true

module Minigun
  class Flow
    # A stage's bounded queue of items.
    #
    # `push` into an inbox with room never releases the GVL: a producer that emits a few items and
    # returns is not interrupted by the stages it feeds (its `before` hook, block and `after` hook
    # stay neighbours). A full inbox blocks; that is the back-pressure of the whole run.
    # A forced push never blocks: emissions against the direction of the graph could otherwise
    # wait for each other in a circle.
    #
    # @api private
    class Inbox
      # What `pop` answers when the inbox is closed and empty.
      CLOSED = Object.new.freeze
      # Stands for nil inside the queue, where nil means "closed".
      NOTHING = Object.new.freeze
      private_constant :NOTHING

      # @return [Integer] items that may wait before `push` blocks
      attr_reader :capacity

      # @param capacity [Integer]
      def initialize(capacity)
        @capacity = capacity
        @resume_at = capacity / 2
        @queue = Thread::Queue.new
        @mutex = Thread::Mutex.new
        @room = Thread::ConditionVariable.new
        @blocked = 0
      end

      # @param item [Object] any object, nil included
      # @return [Object] what stands for it in the queue
      def self.wrap(item) = item.nil? ? NOTHING : item

      # @param item [Object] any object, nil included
      # @param force [Boolean] true = do not wait for room
      # @raise [ClosedQueueError] when the run is over
      def push(item, force: false)
        reserve(force: force).push(self.class.wrap(item))
      end

      # The first half of a push: waits for room. The second is to push the wrapped item to the
      # queue that this answers with; the two are apart for callers that must know, whatever
      # interrupts them, whether it was done.
      #
      # @return [Thread::Queue]
      def reserve(force: false)
        wait_for_room unless force || @queue.size < @capacity
        @queue
      end

      # @return [Object] the next item, or {CLOSED}
      def pop
        item = @queue.pop
        # Producers blocked on a full inbox are woken when half of it is free, not for each item:
        # a thread switch per item would cost more than the item.
        wake_blocked if @blocked.positive? && @queue.size <= @resume_at
        return CLOSED if item.nil?

        NOTHING.equal?(item) ? nil : item
      end

      # @param count [Integer]
      # @return [Array<Object>] at most so many of the items that wait
      def take(count)
        items = []
        while items.size < count
          item = @queue.pop(true)
          items << (NOTHING.equal?(item) ? nil : item)
        end
        items
      rescue ThreadError
        # Others were quicker.
        items
      ensure
        wake_blocked if @blocked.positive? && @queue.size <= @resume_at
      end

      # @return [Boolean] do items wait that no idle slot has been woken for?
      def backlog? = @queue.size > @queue.num_waiting

      # @return [Boolean]
      def full? = @queue.size >= @capacity

      # @return [Integer] items that wait
      def size = @queue.size

      # No more items. Those inside are still popped.
      def close
        @queue.close
        wake_blocked
      end

      # Drops what is inside and closes.
      # @return [Integer] the number of items dropped
      def abandon
        dropped = @queue.size
        @queue.clear
        close
        dropped
      end

      private

      def wait_for_room
        @mutex.synchronize do
          @blocked += 1
          @room.wait(@mutex) while @queue.size >= @capacity && !@queue.closed?
        ensure
          @blocked -= 1
        end
      end

      def wake_blocked
        @mutex.synchronize { @room.broadcast }
      end
    end
  end
end
