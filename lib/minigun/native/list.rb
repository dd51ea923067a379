# frozen_string_literal: true

module Minigun
  module Native
    # Values in the order in which they were appended, shared by this process and its forked children.
    # A process that dies in the midst of a call leaves the list as it was before or after it.
    class List
      # @!method initialize(capacity)
      #   @param capacity [Integer] bytes; memory is taken as it is used
      #   @raise [RingAllocError] when the system refuses the memory
      #   @raise [RecordTooLarge] when they hold nothing

      # @!method append(values)
      #   Appends all values at once.
      #   @param values [Array<Object>]
      #   @return [Boolean] false: they do not fit, and none was appended
      #   @raise [SerializationError] when one cannot be dumped; none was appended

      # @!method size
      #   @return [Integer]

      # @!method read(from, most)
      #   Copies of values from an index on.
      #   @param from [Integer]
      #   @param most [Integer]
      #   @return [Array<Object>] at most so many, and not more than a part of a long list at once; empty
      #     behind the last one
      #   @raise [RingCorrupted] when another process has scribbled over the memory

      # @!method clear
      #   @return [nil]
    end
  end
end
