# frozen_string_literal: true

module Minigun
  module Execution
    # The kinds of record that travel between a parent and its child. Each carries a number (`aux`,
    # for most the item's sequence number in this child) and an object.
    #
    # @api private
    module Record
      # Parent to child: an item to work on.
      ITEM = 1
      # Child to parent: an emitted item, for every downstream stage.
      EMIT = 2
      # Child to parent: `[stage name, item]`.
      EMIT_TO = 3
      # Child to parent: `[variable, change]`, applied when the item ends.
      STATE = 4
      # Child to parent: `[key, message]`, logged once per run.
      WARNING = 5
      # Child to parent: an emitted item could not be sent; an {ErrorRecord}.
      LOST = 6
      # Child to parent: the item's block has returned; seconds it took.
      DONE = 7
      # Child to parent: the item's block raised; an {ErrorRecord}.
      FAILED = 8
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
