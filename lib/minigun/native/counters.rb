# frozen_string_literal: true

module Minigun
  module Native
    # 64-bit counters that this process and its forked children share. Every change is atomic.
    class Counters
      # @!method initialize(size)
      #   @param size [Integer] how many; all are 0
      #   @raise [RingAllocError] when the system refuses the memory

      # @!method add(index, amount)
      #   @param index [Integer]
      #   @param amount [Integer] may be negative
      #   @return [Integer] the new value
      #   @raise [IndexError]

      # @!method get(index)
      #   @return [Integer]
      #   @raise [IndexError]

      # @!method set(index, value)
      #   @return [Integer] value
      #   @raise [IndexError]

      # @!method compare_and_set(index, expected, value)
      #   @return [Boolean] was it the expected value, and is it the new one now?
      #   @raise [IndexError]

      # @!method size
      #   @return [Integer]

      # @!method to_a
      #   @return [Array<Integer>] each value as it was read; not all at one instant
    end
  end
end
