# frozen_string_literal: true

module Minigun
  module Native
    # Keys and values shared by this process and its forked children. Keys are the same when their
    # bytes are. A process that dies in the midst of a call leaves the table as it was before or after
    # it.
    class Table
      # @!method initialize(capacity)
      #   @param capacity [Integer] bytes; memory is taken as it is used
      #   @raise [RingAllocError] when the system refuses the memory
      #   @raise [RecordTooLarge] when they hold nothing

      # @!method get(key, absent)
      #   @return [Object] a copy of the value, or `absent`
      #   @raise [RingCorrupted] when another process has scribbled over the memory

      # @!method key?(key)
      #   @return [Boolean]

      # @!method size
      #   @return [Integer]

      # @!method entries(position)
      #   A part of the entries, in no order that means anything. Keys that are there all the while are
      #   met once.
      #   @param position [Integer] 0 to begin with
      #   @return [Array(Integer, Array<Array(Object, Object)>)] where to go on (nil: that was all), and
      #     keys with values

      # @!method put(key, value)
      #   @return [Boolean] false: there is no room, and nothing was changed
      #   @raise [SerializationError] when key or value cannot be dumped

      # @!method insert(key)
      #   Adds a key, with 0 for a value. Waits for no block that updates it.
      #   @return [true] added
      #   @return [nil] it was there
      #   @return [false] there is no room
      #   @raise [SerializationError] when the key cannot be dumped

      # @!method add(key, amount)
      #   @param amount [Integer]
      #   @return [Integer] the sum; a missing key counts as 0
      #   @return [nil] the value is no Integer of 63 bits, or the amount or the sum is none
      #   @return [false] there is no room

      # @!method append(key, element, wrap)
      #   Appends to a list that earlier calls have made; a missing key counts as an empty one.
      #   @param wrap [Boolean] make a list of the value that was put, which is known to be an Array
      #   @return [Boolean, nil] nil: the value is no such list; false: there is no room

      # @!method delete(key, absent)
      #   @return [Object] the value the key had, or `absent`

      # @!method clear
      #   @return [nil]

      # @!method update(key)
      #   Yields while nobody else can change the key; others can still read it.
      #   @return [Object] the block's value
      #   @raise [ThreadError] inside another block of this kind
    end
  end
end
