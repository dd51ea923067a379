# frozen_string_literal: true

require_relative "../native"

module Minigun
  module Execution
    # The kinds of record that travel between a parent and its child. Each carries a number (`aux`,
    # for most the item's sequence number in this child) and an object.
    #
    # @api private
    module Record
      # Parent to child: an item to work on.
      ITEM = Native::Relay::ITEM
      # Child to parent: an emitted item, for every downstream stage.
      EMIT = Native::Relay::EMIT
      # Child to parent: `[stage name, item]`.
      EMIT_TO = Native::Relay::EMIT_TO
      # Child to parent: `[variable, change]`, applied when the item ends.
      STATE = Native::Relay::STATE
      # Child to parent: `[key, message]`, logged once per run.
      WARNING = 5
      # Child to parent: an emitted item could not be sent; an {ErrorRecord}.
      LOST = 6
      # Child to parent: the item's block has returned; seconds it took.
      DONE = Native::Relay::DONE
      # Child to parent: the item's block raised; an {ErrorRecord}.
      FAILED = Native::Relay::FAILED
      # Child to parent: a block's value ({ForkContext}).
      VALUE = 9
      # Child to parent: state added after the last item is complete.
      COMMIT = 10
      # Parent to child: `[attempt, item]`, an item to work on once more.
      ITEM_AGAIN = 11
      # Child to parent: nothing or a value, in an Array; the run is to end early.
      STOP = 12
      # Child to parent: bytes of memory, see {Stats::ChildMemory}.
      MEMORY = 13
    end
  end
end
