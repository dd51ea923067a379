# frozen_string_literal: true

require_relative "../errors"

module Minigun
  # What {SharedArray} and {SharedHash} have in common: memory of a given capacity that this process and
  # the children which it forks later use together. It is given back when nobody refers to it any more.
  #
  # Values go in and come out as copies: changing one that was read changes nothing for others.
  # @abstract
  class SharedCollection
    include Enumerable

    # Bytes that a collection may take when nothing else is said. Memory is taken as it is used, so a
    # large capacity costs nothing but address space.
    DEFAULT_CAPACITY = 256 * 1024 * 1024
    # The least capacity in bytes.
    MINIMUM_CAPACITY = 16 * 1024

    # @return [Symbol, nil] for messages
    attr_reader :name

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

    # @api private
    def self.label(name)
      word = self.name.split("::").last
      name ? "#{word} #{name.inspect}" : word
    end

    # @return [Boolean]
    def empty? = size.zero?

    # @return [String]
    def inspect = "#<#{self.class}#{" #{name.inspect}" if name} size=#{size}>"

    # @raise [TypeError] always: memory is shared by forking, it cannot be sent
    def marshal_dump
      raise TypeError, "#{self.class.label(name)} cannot be dumped: children share it by being forked"
    end

    private

    def initialize_copy(_other)
      raise TypeError, "#{self.class.label(name)} cannot be copied: use to_a or to_h"
    end

    def full
      raise SharedMemoryFull.new(collection: self.class.label(name), capacity: capacity)
    end
  end
end
