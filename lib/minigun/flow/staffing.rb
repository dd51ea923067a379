# frozen_string_literal: true

module Minigun
  class Flow
    # The slots of a node: the first starts with the run, the others with the work.
    #
    # Slots that fork, which takes Ruby's lock, start one by one: whoever waits for it gets it in between.
    #
    # @api private
    module Staffing
      # Items wait that no idle slot will take: starts another one. Without a thread for it the others work
      # alone.
      #
      # Who emits does not wait for a turn: a short producer must not lose its own by that. Whoever has the
      # turn starts a slot or has just begun one, which looks at what waits before it takes an item.
      def grow
        return if @slot_turn.locked?

        start_slot
      rescue ThreadError => e
        raise if @slots.empty?

        warn_once(:narrow, "of #{kind.width} threads #{@slots.size} are there: #{e.message}")
      end

      # A slot has begun, and is about to take an item.
      def arrived
        @slot_turn.synchronize do
          @arriving = false
          seek
        end
        grow if waiting > 1 && @inbox.backlog?
      end

      # @return [Boolean]
      def ended? = @slots.all?(&:ended?)

      # @return [Boolean] has every other slot said so before? Each asks once, when it has no more items.
      def last_to_close? = @work.left >= @slots.size * @lanes

      # @return [Array<Slot>] in a run that is given up: no others start
      def slots = @slot_turn.synchronize { @slots.dup }

      # Replaces a slot whose thread was ended, from inside (`Thread.exit` in a block) or from outside.
      def replace(slot)
        @slot_turn.synchronize do
          @slots.delete(slot)
          @slots << new_slot.start unless @flow.aborting?
        end
      end

      private

      def start_slot
        @slot_turn.synchronize do
          next if !wants_more? || @flow.aborting?

          @arriving = true
          @slots << new_slot.start
        rescue ThreadError
          @arriving = false
          raise
        ensure
          seek
        end
      end

      # Has the inbox tell of a backlog, as long as another slot would start then.
      def seek
        @inbox.staff = (self if wants_more?)
      end

      # May another slot start now?
      def wants_more? = @slots.size < kind.width && !(@arriving && kind.process?)

      def new_slot = Slot.new(lane, @flow)
    end
  end
end
