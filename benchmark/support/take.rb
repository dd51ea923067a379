# frozen_string_literal: true

require "zlib"

module Bench
  # What one run of a contender is given to receive into: counts what arrives, adds up a checksum that
  # does not depend on the order, and takes the time.
  class Take
    # Of all of an item. Too slow for a measured run.
    DIGEST = ->(item) { Zlib.crc32(Marshal.dump(item)) }

    # @return [Integer]
    attr_reader :count, :checksum

    # @return [Numeric, nil] the figure, where it is not the time that the whole block took
    attr_accessor :value

    # @param weight [Proc] the part of the checksum that an item stands for
    def initialize(weight)
      @weight = weight
      @count = 0
      @checksum = 0
    end

    def <<(item)
      @count += 1
      @checksum += @weight.call(item)
      self
    end

    # @param items [Enumerable]
    def concat(items)
      items.each { |item| self << item }
    end

    # Where contenders of a row get different amounts: what was sent to this one.
    # @return [Array(Integer, Integer), nil] count and checksum
    attr_accessor :sent

    # A contender that counts for itself, elsewhere.
    def arrived(count, checksum)
      @count += count
      @checksum += checksum
    end

    # Only the block counts.
    def time
      started = Bench.clock
      result = yield
      @value = Bench.clock - started
      result
    end

    # @return [Array]
    def result(seconds) = [@value || seconds, @count, @checksum]
  end
end
