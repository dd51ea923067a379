# frozen_string_literal: true

require_relative "../native"
require_relative "handle"

module Minigun
  # A number that this process and the children which it forks later change and see at any moment.
  # Every change is atomic, and none is lost when a process dies. It has 64 bits and wraps.
  #
  # @example
  #   sent = Minigun::SharedCounter.new
  #   Process.wait(fork { 3.times { sent.increment } })
  #   sent.value # => 3
  class SharedCounter
    include Comparable
    include SharedHandle

    # @api private
    # @raise [TypeError] unless the value is an Integer
    def self.check(name, value: 0)
      return value if value.is_a?(Integer)

      raise TypeError, "#{label(name)}: an Integer is needed, got #{value.inspect}"
    end

    # @param start [Integer] to begin with
    # @param value [Integer] the same, by name
    # @param name [Symbol, nil]
    # @raise [TypeError] unless the value is an Integer
    # @raise [RangeError] when it takes more than 64 bits
    # @raise [RingAllocError] when the system refuses the memory
    def initialize(start = 0, value: start, name: nil)
      @name = name
      @counters = Native::Counters.new(1)
      self.value = value
    end

    # @param amount [Integer] 1 by default; may be negative
    # @return [Integer] the new value
    # @raise [TypeError] unless the amount is an Integer
    # @raise [RangeError] when it takes more than 64 bits
    def increment(amount = 1) = @counters.add(0, integer(amount))
    alias add increment

    # @param (see #increment)
    # @return (see #increment)
    # @raise (see #increment)
    def decrement(amount = 1) = @counters.add(0, -integer(amount))

    # Replaces the value by what the block makes of it. The block is called again when another process
    # was quicker, so it should do nothing else.
    # @yieldparam value [Integer]
    # @return [Integer] the new value
    def update
      exchange { |old| integer(yield(old)) }.last
    end

    # @return [Integer]
    def value = @counters.get(0)
    alias to_i value
    alias to_int value

    # @param value [Integer]
    # @raise [TypeError] unless it is an Integer
    def value=(value)
      @counters.set(0, integer(value))
    end

    # @return [Integer] the value before it became 0
    def reset
      exchange { 0 }.first
    end

    # @param other [SharedCounter, Numeric]
    # @return [Integer, nil]
    def <=>(other) = value <=> (other.is_a?(SharedCounter) ? other.value : other)

    # @param other [Numeric]
    # @return [Array(Numeric, Integer)] so that `1 + counter` works
    def coerce(other) = [other, value]

    # @return [String] the value
    def to_s = value.to_s

    # @return [String]
    def inspect = described(value)

    private

    def instead_of_a_copy = ": use value"

    def integer(number) = self.class.check(name, value: number)

    # @return [Array(Integer, Integer)] the values before and after
    def exchange
      loop do
        old = value
        new = yield(old)
        return [old, new] if @counters.compare_and_set(0, old, new)
      end
    end
  end
end
