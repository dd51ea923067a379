# frozen_string_literal: true

require_relative "collection"

module Minigun
  # An Array to append to, which this process and the children that it forks later share: what any of
  # them appends is seen by all at once, and stays when the process dies.
  #
  # Elements that were appended are not changed or removed, except all together by {#clear}.
  #
  # @example
  #   rows = Minigun::SharedArray.new
  #   Process.wait(fork { rows << { id: 1 } })
  #   rows.to_a # => [{ id: 1 }]
  class SharedArray < SharedCollection
    # @param (see SharedCollection#initialize)
    # @raise (see SharedCollection#initialize)
    def initialize(name: nil, capacity: DEFAULT_CAPACITY)
      super
      @list = Native::List.new(capacity)
    end

    # @param value [Object] anything that Marshal can dump
    # @return [self]
    # @raise [SharedMemoryFull]
    # @raise [SerializationError] when it cannot be dumped
    def <<(value) = push(value)

    # Appends all or none, next to each other.
    # @param values [Array<Object>]
    # @return [self]
    # @raise (see #<<)
    def push(*values)
      @list.append(values) or full
      self
    end
    alias append push

    # @param arrays [Array<Array>]
    # @return [self]
    # @raise (see #<<)
    # @raise [TypeError] for what is no Array
    def concat(*arrays)
      odd = arrays.find { |array| Array.try_convert(array).nil? }
      raise TypeError, "#{self.class.label(name)}: concat needs Arrays, got #{odd.inspect}" if odd

      push(*arrays.flatten(1))
    end

    # @return [Integer]
    def size = @list.size
    alias length size

    # @param index [Integer] negative ones count from the end
    # @return [Object, nil] a copy
    def [](index)
      index += size if index.negative?
      index.negative? ? nil : @list.read(index, 1).first
    end
    alias at []

    # @param count [Integer, nil]
    # @return [Object, Array<Object>] the last element, or the last ones
    # @raise [ArgumentError] when the count is negative
    def last(count = nil)
      return self[-1] unless count
      raise ArgumentError, "negative array size" if count.negative?

      each_from([size - count, 0].max).to_a
    end

    # Elements appended meanwhile are met as well.
    # @yieldparam element [Object] a copy
    # @return [self, Enumerator]
    def each(&block)
      return enum_for(:each) { size } unless block

      each_from(0, &block)
      self
    end

    # Removes everything.
    # @return [self]
    def clear
      @list.clear
      self
    end

    private

    def each_from(index)
      return enum_for(:each_from, index) unless block_given?

      until (part = @list.read(index, size)).empty?
        part.each { |element| yield element }
        index += part.size
      end
    end
  end
end
