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
    class Inbox < Native::Inbox
      # @param item [Object] any object, nil included
      # @param force [Boolean] true = do not wait for room
      # @raise [ClosedQueueError] when the run is over
      def push(item, force: false)
        await_room unless force
        put(item)
      end
    end
  end
end
