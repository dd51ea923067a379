# frozen_string_literal: true

module Minigun
  module Native
    # A bounded queue of items between threads. Neither `push` with room nor `pop` of an item that is
    # there gives the processor away.
    #
    # @api private
    class Inbox
      # @!method initialize(capacity, most = capacity)
      #   @param capacity [Integer] items that may wait before a push has to
      #   @param most [Integer] the same, where it is full again within a millisecond; it goes from one to the
      #     other by doubling, and back
      #   @raise [ArgumentError] when there is room for no item, or for less at most

      # @!method await_room
      #   Waits until there is room, or the inbox is closed.

      # @!method put(item)
      #   Puts an item in, whether there is room or not.
      #   @raise [ClosedQueueError]

      # @!method pop
      #   @return [Object] the next item, or {CLOSED} when the inbox is closed and empty

      # @!method close
      #   No more items. Those inside are still popped.

      # @!method abandon
      #   Drops what is inside and closes.
      #   @return [Integer] the number of items dropped

      # @!method discard
      #   From now on a {Stream} or a {Gatherer} takes items without handing them out.

      # @!method capacity
      #   @return [Integer]
      # @!method size
      #   @return [Integer] items that wait
      # @!method full?
      #   @return [Boolean]
      # @!method backlog?
      #   @return [Boolean] do more items wait than threads for items?

      # @!method staff=(staff)
      #   @param staff [#grow, nil] is told when there is a backlog
    end
  end
end
