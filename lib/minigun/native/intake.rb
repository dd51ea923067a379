# frozen_string_literal: true

module Minigun
  module Native
    # In a child, the items of its inbox, one after another: says when it begins with each, tells the
    # parent of those that end well, and makes what they emit go there. Belongs to the thread that has made
    # it.
    #
    # @api private
    class Intake
      # @!method initialize(main, uplink, watch)
      #   @param main [#scope_of, #name, #send_state]
      #   @param uplink [Execution::Uplink]
      #   @param watch [Watch, nil] after an item that changes what it watches `send_state` is called

      # @!method next
      #   The block has done well with the item before. Waits for the next one.
      #   @return [Object] the item; nil when there are no more, see {#over?}
      #   @raise [ParentGone]

      # @!method learn
      #   @see Stream#learn
      #   @yield runs an empty block

      # @!method leave
      #   The block of the item has ended otherwise: its emissions are refused from now on.
      #   @return [Object] the item
      # @!method drop
      #   That outcome was written.

      # @!method number
      #   @return [Integer] of the item
      # @!method seconds
      #   @return [Float] that the item has taken so far
      # @!method busy?
      #   @return [Boolean] has the item no outcome yet?
      # @!method over?
      #   @return [Boolean]
    end
  end
end
