# frozen_string_literal: true

module Minigun
  class Flow
    # What executors tell a {Node} of its items. Every item that was taken gets one outcome here, or
    # none when the run is given up.
    #
    # @api private
    module Outcomes
      # An item was taken from the inbox.
      def accepted
        @stats.increment_consumed unless @batch_block
      end

      # The block has returned.
      #
      # @param item [Object]
      # @param seconds [Float]
      # @param count [Integer] items it stands for
      def finished(item, seconds, count: size_of(item))
        return if @producer

        @stats.record_latency(seconds)
        # What an accumulator has taken is processed with its batch.
        @stats.increment_processed(count) unless @buffer
      end

      # Items of an accumulator have gone on.
      # @param count [Integer]
      def batch_finished(count) = @stats.increment_processed(count)

      # An attempt at the item has failed. Waits until it is time for the next.
      #
      # @param attempt [Integer] its number
      # @return [Boolean] is there to be another one?
      def retry?(item, error, attempt)
        return false unless again?(item, error, attempt)

        pause_before(attempt)
        true
      end

      # The same without the wait.
      # @see #retry?
      def again?(item, error, attempt)
        return false unless @recovery.again?(error, attempt)
        return false if @flow.aborting? || (@producer && @flow.stopping?)

        @stats.increment_retried
        @flow.attempt_failed(self, item, error, attempt)
        true
      end

      # @param attempt [Integer] that has failed
      def pause_before(attempt) = @flow.pause(@recovery.delay(attempt))

      # From now on the elements of the item count.
      # @param item [Array]
      def taken_apart(item)
        @arrivals.add_accepted(item.size - 1)
      end

      # The item (or `count` items of a batch) did not make it.
      #
      # @param attempt [Integer] the last one
      # @param delivered [Integer] emissions of it that have gone on all the same
      def failed(item, error, count: size_of(item), attempt: 1, delivered: 0)
        return if (@producer && @flow.stopping?) || (@flow.aborting? && error.is_a?(ClosedQueueError))

        @arrivals.add_accepted(count) if @producer
        count_failed(count)
        @flow.record_failure(self, item, error, count: count, attempt: attempt, delivered: delivered)
        follow_up(item, error, attempt) if count.positive?
        @flow.fatal(error) if producer? && fatal?(error)
      end

      # An emission was lost on the way home.
      def emission_failed(description, error)
        @stats.tally.add_accepted(1)
        count_failed(1)
        @flow.record_lost_emission(self, description, error)
        follow_up(description, error, 1)
      end

      # @param key [Object] what the warning is about
      def warn_once(key, message)
        @flow.warn_once([name, key], "[Stage:#{name}] #{message}")
      end

      # Merges what a child added.
      def merge(variable, change)
        @flow.merge(self, variable, change)
      end

      # @see Flow#warmup?
      def warmup? = @flow.warmup?

      # Runs the block while no other slot of the run runs `before_fork` hooks or forks.
      def exclusively
        @flow.exclusively do
          @forks = forks + 1
          yield
        end
      end

      # @return [Integer] children that there have been
      def forks = @forks || 0

      # @param seconds [Float] that it has lived for
      # @return [Boolean] in a child: shall it tell how much memory it has?
      def sample_memory?(seconds) = forks.positive? && Stats::ChildMemory.sample?(forks, seconds)

      private

      def follow_up(item, error, attempt)
        @aftermath&.call(self, item, error, attempt)
      end

      def size_of(item) = @batch_block ? item.size : 1

      def count_failed(count)
        [@stats, *@enclosing].each { |stats| stats.increment_failed(count) }
      end

      # That a child exits or is told to end by a signal is its own affair.
      def fatal?(error)
        return !error.standard? if error.is_a?(RemoteError)
        return false if error.is_a?(StandardError)

        !(kind.process? && (error.is_a?(SystemExit) || error.is_a?(SignalException)))
      end
    end
  end
end
