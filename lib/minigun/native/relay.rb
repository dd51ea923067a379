# frozen_string_literal: true

module Minigun
  module Native
    # Takes the items of one slot to its child, several at a time, and what the child sends to where it
    # belongs. Belongs to the thread that has made it.
    #
    # An item is under way from the moment that it leaves the inbox until it has its outcome. The child
    # works on the oldest of those that were sent to it; the others were not sent yet.
    #
    # How many are sent at once: as many as the child is likely to be through with in a millisecond (512 at
    # most), so that no item waits for longer behind others while another child is idle. What its items
    # have taken of late says what is likely: one that took long counts at once, shorter ones little by
    # little. A slot takes no more than its share of what waits.
    #
    # @api private
    class Relay
      # @!method initialize(node, inbox, in_flight, tally)
      #   @param node [Flow::Node]
      #   @param inbox [Inbox]
      #   @param in_flight [InFlight]
      #   @param tally [Tally]

      # @!method await
      #   Waits for an item, if none is under way.
      #   @return [Boolean] false: there are no more

      # @!method meet(channel)
      #   There is a new child, to which nothing was sent yet.
      #   @param channel [Child]

      # @!method run
      #   Sends what is under way, and more as there is room, until everything that was sent has its outcome.
      #   Emissions and outcomes are dealt with here; what is rare is handed to the block.
      #   @yieldparam kind [Integer]
      #   @yieldparam number [Integer]
      #   @yieldparam object [Object]
      #   @return [Boolean] false: the child was gone before that
      #   @raise [SerializationError] when an item, see {#encoding?}, or what the child has sent cannot travel

      # @!method oldest
      #   @return [Object] the item that the child works on, or that is to be sent next
      # @!method leave
      #   @see #oldest
      # @!method drop
      #   The oldest item has an outcome, which was counted.

      # @!method hold
      #   No more is to be sent.
      # @!method release
      #   More may be sent.

      # @!method encoding?
      #   @return [Boolean] was it about the item to be sent next that {#run} raised?
      # @!method busy?
      #   @return [Boolean] is an item under way?
      # @!method sent
      #   @return [Integer] items that the child has got, and that have no outcome
      # @!method number
      #   @return [Integer] of the oldest item in its child
      # @!method delivered
      #   @return [Integer] emissions of the oldest item so far

      # @!method took(seconds)
      #   An item has taken so long.
      #   @param seconds [Float]
      # @!method window
      #   @return [Integer] items that are sent at once; 1 as long as nothing is known of the child's
    end
  end
end
