# frozen_string_literal: true

module Minigun
  module Native
    # The items of an accumulator's slot where nothing but their number counts: puts them into batches, counts
    # them, gives back their units in flight. Belongs to the thread that has made it.
    #
    # @api private
    class Gatherer
      # @!method initialize(inbox, in_flight, tally, signal)
      #   @param inbox [Inbox]
      #   @param in_flight [InFlight]
      #   @param tally [Tally]
      #   @param signal [Object] what is handed out at once, and in no batch

      # @!method gather(items, most)
      #   Waits for items and appends them, until there are so many, or the signal comes. What an inbox
      #   discards is not appended.
      #   @param items [Array] the batch, of fewer than `most` items; the caller keeps it when this is interrupted
      #   @param most [Integer]
      #   @return [Object] the item that was missing, or the signal, to be dropped when it has its outcome;
      #     nil when there are no more, see {#over?}

      # @!method drop
      #   Gives back the unit of what {#gather} has handed out, if there is any.

      # @!method leave
      #   @return [Object] what {#gather} has handed out
      # @!method busy?
      #   @return [Boolean] was it not dropped yet?
      # @!method over?
      #   @return [Boolean]
    end
  end
end
