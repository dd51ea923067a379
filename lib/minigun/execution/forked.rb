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
      end

      # @param item [Object]
      # @return [void]
      def call(item)
        @link ||= Downlink.new(@node)
        @link.spawn { |channel| ChildMain.new(@node, channel).run_one(item) }
        outcome = @link.await(1)
        @link.drain
        conclude(item, outcome)
      rescue StandardError => e
        @node.failed(item, e, **share_of(item))
      end

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
      def share_of(_item) = { delivered: @link&.delivered.to_i }

      # Ends the child that runs now, if any.
      def abort = @link&.close

      private

      def conclude(item, outcome)
        return @node.failed(item, @link.death, delivered: @link.delivered) unless outcome

        how, seconds, error = outcome
        how == :done ? @node.finished(item, seconds) : @node.failed(item, error, delivered: @link.delivered)
      end
    end

    # Runs a stage's block in a persistent child of this slot.
    #
    # The child is forked when the slot gets its first item, not at the start of the run: it then
    # inherits what earlier stages have set up, and slots that are never needed cost nothing.
    #
    # @api private
    class Pooled < Forked
      # Children that may die, one after another, before they begin with an item.
      TRIES = 3

      def call(item)
        TRIES.times do
          sequence = hand_over(item)
          next unless sequence
          return if await(item, sequence)
        end
        @node.failed(item, @link.death)
      rescue SerializationError
        inherit(item)
      rescue StandardError => e
        @node.failed(item, e, **share_of(item))
      end

      # Lets the child finish: its `before_exit` hooks may still emit.
      def close
        retire
      ensure
        abort
      end

      def abort
        super
        @one_off&.abort
      end

      private

      # @return [Integer, nil] the item's number in its child; nil when the child was gone
      def hand_over(item)
        @link ||= Downlink.new(@node, inbox: Downlink::RING)
        unless @link.running?
          @link.drain
          @link.spawn { |channel| ChildMain.new(@node, channel).run_pool }
        end
        @link.write(item)
      end

      # @return [Boolean] is the item settled? An item that a dead child had not begun is not.
      def await(item, sequence)
        outcome = @link.await(sequence)
        return false if outcome.nil? && !@link.started?(sequence)

        conclude(item, outcome)
        true
      end

      # An item that cannot be sent (a Proc, an open File) can still be inherited.
      def inherit(item)
        @one_off ||= Forked.new(@node)
        @one_off.call(item)
      end

      def retire
        return unless @link&.running?

        @link.close_inbox
        @link.drain
      rescue StandardError => e
        @node.failed(nil, e, count: 0)
      end
    end
  end
end
