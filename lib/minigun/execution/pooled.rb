# frozen_string_literal: true

require_relative "forked"

module Minigun
  module Execution
    # Runs a stage's block in a persistent child of this slot.
    #
    # The child is forked when the slot gets its first item, not at the start of the run: it then
    # inherits what earlier stages have set up, and slots that are never needed cost nothing.
    #
    # @api private
    class Pooled < Forked
      # Children that may die, one after another, before they begin with an item.
      TRIES = 3

      # Every further attempt at an item has a child that has not seen it.
      def attempt(item, number)
        retire if number > 1
        TRIES.times do
          sequence = hand_over(item, number)
          outcome = sequence && settle(sequence)
          return outcome if outcome
        end
        Attempts::Outcome.new(nil, @link.error(nil), 0)
      rescue SerializationError
        inherit(item, number)
      rescue StandardError => e
        give_up(e)
      end

      # Lets the child finish: its `before_exit` hooks may still emit.
      def close
        retire
      rescue StandardError => e
        @node.failed(nil, e, count: 0)
      ensure
        abort
      end

      def abort
        super
        @one_off&.abort
      end

      private

      def connect
        return if @link

        super(inbox: true)
        @main.prepare_pool
      end

      # @return [Integer, nil] the item's number in its child; nil when the child was gone
      def hand_over(item, number)
        connect
        unless @link.running?
          @link.drain
          @link.spawn { @main.run_pool }
        end
        @link.write(item, number)
      end

      # @return [Attempts::Outcome, nil] nil = a dead child had not begun with the item
      def settle(sequence)
        outcome = @link.await(sequence)
        return if outcome.nil? && !@link.started?(sequence)

        # A child that was told to end is of no further use, even if it came to an end in time.
        retire if @link.overdue?
        conclude(outcome)
      end

      # An item that cannot be sent (a Proc, an open File) can still be inherited.
      def inherit(item, number)
        @one_off ||= Forked.new(@node)
        @one_off.attempt(item, number)
      end

      def retire
        return unless @link&.running?

        @link.close_inbox
        @link.drain
      end
    end
  end
end
