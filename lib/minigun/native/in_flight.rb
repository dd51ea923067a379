# frozen_string_literal: true

module Minigun
  module Native
    # Counts what is under way in one run: every producer that has not ended, every item that waits
    # in an inbox and every item whose block has not returned. An item's own unit is given back only
    # after what it emitted was counted, so the count reaches zero once, when nothing can follow.
    # What becomes of a copy of the run in a process that a block has forked is not counted.
    #
    # @api private
    class InFlight
      # @!method initialize(signals)
      #   @param signals [Thread::Queue] receives :quiet each time the count reaches zero

      # @!method raise_by(count)
      #   @param count [Integer] units to add

      # @!method lower_by(count)
      #   @param count [Integer] units to give back

      # @!method count
      #   @return [Integer] units under way

      # @!method zero?
      #   @return [Boolean]
    end
  end
end
