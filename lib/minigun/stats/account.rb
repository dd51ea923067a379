# frozen_string_literal: true

module Minigun
  class Stats
    # What became of the items of a stage: `accepted = processed + failed + abandoned`.
    #
    # 1. An item is accepted when it is in the stage's inbox, and processed or failed when its
    #    outcome is known; both are counted as they happen.
    # 2. What was accepted and has no outcome is abandoned: dropped by a run that was given up. While
    #    the run lasts these are the items under way.
    # 3. A producer takes no items. When its run fails, that counts as one accepted and failed; so
    #    does an emission that is lost on its way out of a child.
    # 4. The items of an accumulator are counted one by one, whatever the size of its batches.
    # 5. A stage that holds a pipeline has the sum of what its stages have.
    module Account
      # @api private
      # @return [Array<Stats>] of the stages inside, when the stage holds a pipeline
      attr_writer :parts

      # @return [Integer] attempts beyond the first of an item
      def items_retried = @tally.retried

      # @return [Integer]
      def items_accepted = total(:items_accepted) { @tally.accepted }

      # @return [Integer]
      def items_processed = total(:items_processed) { @tally.processed }

      # @return [Integer]
      def items_abandoned = items_accepted - items_processed - items_failed

      # @return [Hash{Symbol => Integer}]
      def account
        { accepted: items_accepted, processed: items_processed, failed: items_failed,
          abandoned: items_abandoned, retried: total(:items_retried) { items_retried } }
      end

      # @param (see Stats#increment_produced)
      # @return (see Stats#increment_produced)
      def increment_processed(count = 1)
        @tally.add_processed(count)
      end

      # @param (see Stats#increment_produced)
      # @return (see Stats#increment_produced)
      def increment_retried(count = 1)
        @tally.add_retried(count)
      end

      private

      def total(what)
        @parts ? @parts.sum(&what) : yield
      end
    end
  end
end
