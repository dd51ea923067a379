# frozen_string_literal: true

module Minigun
  module Execution
    module State
      # The length of an Array at one moment, and enough of its elements to notice when the
      # inherited part was changed.
      #
      # @api private
      class ArrayMark
        # Positions of the inherited part that are compared; all of them where there are not more.
        SAMPLES = 64

        # @return [Array]
        attr_reader :object

        # @param array [Array]
        def initialize(array)
          @object = array
          advance
        end

        # What was appended since the last call.
        #
        # @yieldparam kind [Symbol]
        # @yieldparam reason [String] why something is not merged
        # @return [Array, nil]
        def change
          kept = inherited_part_kept?
          return if kept && object.size == @size

          yield :changed, problem unless kept
          start = kept ? @size : tail_start
          # A slice would share the memory of the Array, which would then be copied at the next append.
          added = start && object.values_at(start...object.size)
          advance
          [:array, added] if added && !added.empty?
        end

        private

        def advance
          @size = object.size
          @sample = positions.map { |position| object[position] }
        end

        # Sampled elements tell a changed prefix without keeping a copy of a long Array.
        def positions
          return (0...@size) if @size <= SAMPLES

          Array.new(SAMPLES) { |index| index * (@size - 1) / (SAMPLES - 1) }
        end

        def inherited_part_kept?
          return false if object.size < @size

          positions.each_with_index.all? { |position, index| object[position].equal?(@sample[index]) }
        end

        def problem
          return "elements were removed" if object.size < @size

          "inherited elements were changed, removed or reordered"
        end

        # Where the appended elements begin although the inherited ones are not what they were; nil
        # when that cannot be told. An element is never taken for appended when it may not be.
        def tail_start
          return @size if object.size >= @size && object[@size - 1].equal?(@sample.last)
          return if @size > SAMPLES

          inherited = {}.compare_by_identity
          @sample.each { |element| inherited[element] = true }
          last = object.rindex { |element| inherited.key?(element) }
          # A survivor at another place tells a removal; one at its own place, a replacement.
          last && !object[last].equal?(@sample[last]) ? last + 1 : @size
        end
      end
    end
  end
end
