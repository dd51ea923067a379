# frozen_string_literal: true

module Minigun
  module Native
    # The items of one slot, one after another: counts them, gives back their units in flight, and makes
    # what they emit go where it should. Belongs to the thread that has made it.
    #
    # @api private
    class Stream
      # @!method initialize(node, inbox, in_flight, tally)
      #   @param node [Flow::Node]
      #   @param inbox [Inbox]
      #   @param in_flight [InFlight]
      #   @param tally [Tally]

      # @!method next
      #   The block has done well with the item before. Waits for the next one.
      #   @return [Object] the item; nil when there are no more, see {#over?}

      # @!method drop
      #   The item has ended otherwise, which was counted.

      # @!method learn
      #   Calls the block a few times, to learn how many objects it takes to run an empty block of a user.
      #   @yield runs one

      # @!method leave
      #   The block of the item has ended otherwise: its emissions are refused from now on. To be followed by
      #   {#drop}.
      #   @return [Object] the item
      # @!method emitted
      #   @return [Integer] emissions of the item so far
      # @!method busy?
      #   @return [Boolean] has the item no outcome yet?
      # @!method over?
      #   @return [Boolean]
    end
  end
end
