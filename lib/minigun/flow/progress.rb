# frozen_string_literal: true

module Minigun
  class Flow
    # How far the items of one producer are finished. Not thread-safe.
    #
    # @api private
    class Progress
      # @return [Integer] all items before this one are finished
      attr_reader :cursor

      # @param start [Integer] items that were finished in an earlier run
      def initialize(start)
        @cursor = start
        @start = start
        @next = 0
        @finished = {}
      end

      # @return [Integer, nil] position of the next item; nil when it was finished in an earlier run
      def advance
        @next += 1
        @next - 1 if @next > @start
      end

      # @param position [Integer]
      # @return [Boolean] has it moved the cursor?
      def finish(position)
        if position == @cursor
          @cursor += 1
          @cursor += 1 while @finished.delete(@cursor)
          return true
        end

        @finished[position] = true
        false
      end
    end
  end
end
