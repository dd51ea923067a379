# frozen_string_literal: true

require_relative "inbox"

module Minigun
  class Flow
    # The order in which an ordered stage took its items, and whose turn it is to emit.
    #
    # 1. Items get numbers as they are taken. Emissions of the first one that is not over go on at once,
    #    those of the others are held back until it is their turn.
    # 2. Not more than `window` items are under way or wait for an earlier one: a slot takes no other item
    #    before. An item that has {HELD} emissions held back waits for its turn with the next one. The
    #    first item never waits here, so all get their turn. Behind a router, where each slot waits for items
    #    of its own, each may exceed the window by one.
    # 3. As long as an item has its number the run cannot end.
    #
    # @api private
    class Sequence
      # Emissions of an item that are held back before it waits.
      HELD = 256

      Entry = Struct.new(:number, :held, :over)
      private_constant :Entry

      # @param window [Integer]
      # @param in_flight [InFlight]
      def initialize(window, in_flight)
        @window = window
        @in_flight = in_flight
        @doors = {}.compare_by_identity
        @turn = Thread::Mutex.new
        @moved = Thread::ConditionVariable.new
        @entries = {}
        @first = @next = 0
        @flushing = false
      end

      # @param node [Node] of the stage; behind a router there are several
      # @return [Thread::Mutex] of its inbox
      def door(node)
        @turn.synchronize { @doors[node] ||= Thread::Mutex.new }
      end

      # @param door [Thread::Mutex] who waits for an item keeps others from the same inbox only
      # @yieldreturn [Object] the next item, taken while nobody else takes one there
      # @return [Array(Object, Entry)] it and its number; none for what is no item
      def take(door)
        door.synchronize do
          @turn.synchronize { @moved.wait(@turn) until @next - @first < @window }
          item = yield
          [item, (enter unless Inbox::CLOSED.equal?(item))]
        end
      end

      # @param entry [Entry, nil]
      # @return [Boolean] would it not have to wait for its turn?
      def first?(entry)
        entry.nil? || entry.number == @first
      end

      # @param entry [Entry]
      # @param delivery [Proc]
      # @return [Boolean] false: it is the entry's turn, what was held back has gone on, and the caller is to
      #   deliver himself
      def submit(entry, delivery)
        held = @turn.synchronize do
          @moved.wait(@turn) while waits?(entry)
          next if entry.over
          next entry.held.slice!(0..) if entry.number == @first

          entry.held << delivery
          return true
        end
        held&.each(&:call)
        false
      end

      # The item is over.
      # @param entry [Entry]
      def finish(entry)
        @turn.synchronize do
          entry.over = true
          return if @flushing || entry.number != @first

          @flushing = true
        end
        nil while flush
      end

      private

      def enter
        @in_flight.raise_by(1)
        @turn.synchronize do
          @entries[@next] = entry = Entry.new(@next, [], false)
          @next += 1
          entry
        end
      end

      def waits?(entry)
        entry.number != @first && !entry.over && entry.held.size >= HELD
      end

      # Lets what the first item had held back go on, if it is over.
      # @return [Boolean]
      def flush
        entry = @turn.synchronize do
          found = @entries[@first]
          found = nil unless found&.over
          @flushing = !found.nil?
          found
        end
        return false unless entry

        entry.held.each(&:call)
        @turn.synchronize do
          @entries.delete(@first)
          @first += 1
          @moved.broadcast
        end
        @in_flight.lower_by(1)
        true
      end
    end
  end
end
