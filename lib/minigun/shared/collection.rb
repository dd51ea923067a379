# frozen_string_literal: true

require_relative "../errors"
require_relative "handle"

module Minigun
  # What {SharedArray}, {SharedHash} and {SharedSet} have in common: memory of a given capacity that this process and
  # the children which it forks later use together. It is given back when nobody refers to it any more.
  #
  # Values go in and come out as copies: changing one that was read changes nothing for others.
  # @abstract
  class SharedCollection
    include Enumerable
    include SharedHandle

    # Bytes that a collection may take when nothing else is said. Memory is taken as it is used, so a
    # large capacity costs nothing but address space.
    DEFAULT_CAPACITY = 256 * 1024 * 1024
    # The least capacity in bytes.
    MINIMUM_CAPACITY = 16 * 1024

    # @return [Integer] bytes it may take, its own overhead included
    attr_reader :capacity

    # @param name [Symbol, nil]
    # @param capacity [Integer] bytes
    # @raise [ArgumentError] unless the capacity is an Integer of at least {MINIMUM_CAPACITY}
    # @raise [RingAllocError] when the system refuses the memory
    def initialize(name: nil, capacity: DEFAULT_CAPACITY)
      super()
      @name = name
      @capacity = self.class.check(name, capacity: capacity)
    end

    # @api private
    # @raise [ArgumentError]
    def self.check(name, capacity: DEFAULT_CAPACITY)
      return capacity if capacity.is_a?(Integer) && capacity >= MINIMUM_CAPACITY

      raise ArgumentError, "#{label(name)}: the capacity must be an Integer of at least " \
                           "#{MINIMUM_CAPACITY} (bytes), got #{capacity.inspect}"
    end

    # @return [Boolean]
    def empty? = size.zero?

    # @return [String]
    def inspect = described("size=#{size}")

    private

    def instead_of_a_copy = ": use to_a or to_h"

    # A String of ASCII characters is the same key in whatever encoding, as in a Hash.
    def normal(key)
      return key unless key.instance_of?(String) && key.ascii_only? && key.encoding != Encoding::UTF_8

      key.encoding.ascii_compatible? ? key.dup.force_encoding(Encoding::UTF_8) : key
    end

    def full
      raise SharedMemoryFull.new(collection: self.class.label(name), capacity: capacity)
    end
  end
end
