# frozen_string_literal: true

require_relative "forked"
require_relative "window"

module Minigun
  module Execution
    # Runs a stage's block in a persistent child of this slot.
    #
    # The child is forked when the slot gets its first item, not at the start of the run: it then
    # inherits what earlier stages have set up, and slots that are never needed cost nothing.
    #
    # Of items that are short several are handed over at once, so that neither side waits for the
    # other after each: the child goes on with the next, and the parent reads many outcomes at a time.
    #
    # @api private
    class Pooled < Forked
      # Children that may die, one after another, before they begin with an item.
      TRIES = 3

      def initialize(node)
        super
        @window = Window.new
      end

      # @param item [Object]
      # @return [void]
      def call(item)
        others = several? ? @node.further(@window.size - 1) : []
        return super if others.empty?

        begin
          work_off([item, *others])
        ensure
          @node.settled(others.size)
        end
      end

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

      # @return [Integer, nil] the item's number in its child; nil when the child was gone
      def hand_over(item, number)
        connect(Downlink::RING)
        unless @link.running?
          @link.drain
          @link.spawn { @main.run_pool }
        end
        @link.write(item, number)
      end

      # @return [Attempts::Outcome, nil] nil = a dead child had not begun with the item
      def settle(sequence)
        outcome = @link.await(sequence)
        @window.took(outcome && outcome[1]) unless @node.item_threads
        return if outcome.nil? && !@link.started?(sequence)

        # A child that was told to end is of no further use, even if it came to an end in time.
        retire if @link.overdue?
        conclude(outcome)
      end

      # An item that may be tried again, or has a time of its own, has its child to itself.
      def several?
        @node.recovery.plain? && @link&.running? && @window.size > 1 && !@node.one_by_one?
      end

      # @param items [Array] emptied
      def work_off(items)
        sequences = send_all(items)
        error = take_outcomes(items, sequences)
        # What the child has begun with must not be begun again.
        sequences.count { |sequence| @link.started?(sequence) }.times do
          tell(items.shift, Attempts::Outcome.new(nil, error || @link.error(nil), delivered))
        end
        @attempts.call(items.shift) until items.empty?
      end

      # @return [Array<Integer>] numbers of those items that the child has got
      def send_all(items)
        sequences = []
        items.each do |item|
          sequence = @link.write(item, 1) or break
          sequences << sequence
        end
        sequences
      rescue SerializationError
        sequences
      end

      # @param sequences [Array<Integer>] those without an outcome are left
      # @return [StandardError, nil] why there are any, if not because the child died
      def take_outcomes(items, sequences)
        while (outcome = sequences.any? && @link.await(sequences.first))
          sequences.shift
          @window.took(outcome[1])
          tell(items.shift, conclude(outcome))
        end
        @window.took(nil) if outcome.nil?
        nil
      rescue StandardError => e
        @link.drop
        e
      end

      # @param outcome [Attempts::Outcome]
      def tell(item, outcome)
        return @node.finished(item, outcome.seconds) unless outcome.error

        @node.failed(item, outcome.error, delivered: outcome.delivered)
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
