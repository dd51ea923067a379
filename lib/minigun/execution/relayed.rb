# frozen_string_literal: true

require_relative "pooled"

module Minigun
  module Execution
    # A {Pooled} whose child is given several items at once when they are short, so that neither side
    # waits for the other after each: the child goes on with the next, and the parent reads many outcomes
    # at a time. What happens often is done in C (see {Native::Relay}); what is rare comes here.
    #
    # @api private
    class Relayed < Pooled
      # @see Local#streams?
      def streams? = true

      # @return [Native::Relay] of this slot
      def stream = @relay = @node.relay

      # Works on the items until there are no more.
      #
      # @param relay [Native::Relay]
      # @return [void]
      def drain(relay)
        connect
        @deaths = 0
        while relay.await
          exchange if start
        end
      end

      # @see Local#share_of
      def share_of(_item) = { delivered: @relay.delivered }

      private

      # @return [Boolean] is there a child?
      def start
        return true if @link.running?

        @link.drain
        @link.spawn { @main.run_pool }
        @relay.meet(@link.channel)
        true
      rescue StandardError => e
        @link.drop
        fail_oldest(e)
        false
      end

      # Until all items that were sent have an outcome, or the child is gone.
      def exchange
        return bury unless @relay.run { |kind, number, object| receive(kind, number, object) }

        pass_refused if @refused
      rescue SerializationError => e
        @relay.encoding? ? refuse(e) : @node.emission_failed("(unknown)", e)
        retry
      rescue StandardError => e
        return bury(e) unless @relay.encoding?

        refuse(e)
        retry
      end

      def receive(kind, number, object)
        outcome = @link.receive(kind, number, object) or return
        how, seconds, = outcome
        return @node.singles? || @node.finished(@relay.oldest, seconds) if how == :done

        @relay.took(seconds)
        @node.failed(@relay.oldest, @link.error(outcome), delivered: @relay.delivered)
      end

      # An item could not be sent: those that were sent before it come first.
      def refuse(error)
        @refused = error
        @relay.hold
      end

      # An item that cannot be sent (a Proc, an open File) can still be inherited.
      def pass_refused
        error = @refused
        @refused = nil
        @relay.release
        return fail_oldest(error) unless error.is_a?(SerializationError)

        item = @relay.oldest
        outcome = inherit(item, 1)
        return fail_oldest(outcome.error, outcome.delivered) if outcome.error

        @node.finished(item, outcome.seconds)
        @relay.drop
      end

      # The child is gone. What it has begun with must not be begun again; the rest is for the next one.
      #
      # @param error [StandardError, nil] why, if not because it died
      def bury(error = nil)
        @link.drop if error
        @refused = nil
        idle = @relay.number == 1
        while @relay.sent.positive? && @link.started?(@relay.number)
          fail_oldest(error || @link.error(nil))
          idle = false
        end
        idle ? mourn(error) : @deaths = 0
      end

      # Another one died before it began with an item.
      def mourn(error)
        @deaths += 1
        return if @deaths < TRIES || !@relay.busy?

        @deaths = 0
        fail_oldest(error || @link.error(nil))
      end

      def fail_oldest(error, delivered = @relay.delivered)
        @node.failed(@relay.oldest, error, delivered: delivered)
        @relay.drop
      end
    end
  end
end
