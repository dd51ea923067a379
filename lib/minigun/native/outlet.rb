# frozen_string_literal: true

module Minigun
  module Native
    # Where the emissions of one stage go, resolved once.
    #
    # @api private
    class Outlet
      # @!method initialize(in_flight, tally, exits, targets)
      #   @param in_flight [InFlight]
      #   @param tally [Tally] of the stage
      #   @param exits [Array<Tally>] of the pipelines an emission leaves
      #   @param targets [Array<Array>] for each its {Inbox}, the {Tally} that counts what it accepts, the
      #     tallies of the pipelines an emission enters on the way, and whether room is not waited for

      # @!method emit(item)
      #   Hands the item to all targets, as a unit in flight each. Waits for room. What is thrown in
      #   meanwhile finds everything counted that was delivered, and nothing else.
      #   @raise [ClosedQueueError] when the run is over
    end
  end
end
