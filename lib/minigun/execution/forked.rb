# frozen_string_literal: true

module Minigun
  module Execution
    # Runs a stage's block in a fresh child process for each item. The child inherits the item, so
    # it needs no serialization.
    #
    # @api private
    class Forked
      # @param node [Flow::Node]
      def initialize(node)
        @node = node
        @attempts = (node.item_threads ? ItemAttempts : Attempts).new(node, self)
      end

      # @param item [Object]
      # @return [void]
      def call(item) = @attempts.call(item)

      # @param item [Object]
      # @param number [Integer]
      # @return [Attempts::Outcome]
      def attempt(item, number)
        connect
        @link.spawn(&@main.for_one(item, number))
        outcome = @link.await(1)
        @link.drain
        conclude(outcome)
      rescue StandardError => e
        give_up(e)
      end

      # @see Local#streams?
      def streams? = false

      # A child lives as long as its item: there is nothing to wait for.
      def close = abort

      # Asks the child to end. What it has sent is still routed.
      #
      # @return [Boolean] false when there has been no child so far
      def stop
        return false unless @link&.spawned?

        @link.terminate
        true
      end

      # @see Local#share_of
      def share_of(_item) = { delivered: delivered }

      # Ends the child that runs now, if any.
      def abort = @link&.close

      private

      # @param inbox [Boolean] see {Downlink}
      def connect(inbox: false)
        return if @link

        @link = Downlink.new(@node, inbox: inbox)
        @main = ChildMain.new(@node, @link.channel)
      end

      # This side can go no further: what the child still does and sends belongs to nobody.
      def give_up(error)
        @link&.drop
        Attempts::Outcome.new(nil, error, delivered)
      end

      def delivered = @link ? @link.delivered : 0

      # @param outcome [Array, nil] see {Downlink#await}
      def conclude(outcome)
        how, seconds, = outcome
        return Attempts::Outcome.new(seconds) if how == :done

        Attempts::Outcome.new(seconds, @link.error(outcome), delivered)
      end
    end
  end
end
