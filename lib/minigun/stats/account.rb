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
      # @return [Integer] attempts beyond the first of an item
      attr_reader :items_retried

      # @api private
      # @return [Array<Integer>] one number. `arrivals[0] += 1` is no method call, so nothing that is
      #   thrown into the thread can come between it and the step before or after it.
      attr_reader :arrivals

      # @api private
      # @return [Array<Stats>] of the stages inside, when the stage holds a pipeline
      attr_writer :parts

      # @return [Integer]
      def items_accepted = total(:items_accepted) { @arrivals[0] }

      # @return [Integer]
      def items_processed = total(:items_processed) { @items_processed }

      # @return [Integer]
      def items_abandoned = items_accepted - items_processed - items_failed

      # @return [Hash{Symbol => Integer}]
      def account
        { accepted: items_accepted, processed: items_processed, failed: items_failed,
          abandoned: items_abandoned, retried: total(:items_retried) { @items_retried } }
      end

      # @param (see Stats#increment_produced)
      # @return (see Stats#increment_produced)
      def increment_processed(count = 1)
        @mutex.synchronize { @items_processed += count }
      end

      # @param (see Stats#increment_produced)
      # @return (see Stats#increment_produced)
      def increment_retried(count = 1)
        @mutex.synchronize { @items_retried += count }
      end

      private

      def initialize_account
        @arrivals = [0]
        @items_processed = 0
        @items_retried = 0
        @parts = nil
      end

      def total(what)
        @parts ? @parts.sum(&what) : yield
      end
    end
  end
end
