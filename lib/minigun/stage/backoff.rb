# frozen_string_literal: true

module Minigun
  # How long to wait before the next attempt at an item: exponential, capped, and scattered so that
  # items which failed together do not come back together.
  class Backoff
    # What `true` stands for, and the values of the keys that a Hash leaves out.
    DEFAULTS = { base: 0.1, factor: 2, max: 30, jitter: 0.5 }.freeze

    # @param value [nil, Boolean, Numeric, Hash] the option; a number is a fixed pause in seconds
    # @return [Backoff, nil] nil = none
    # @raise [ArgumentError] says what is wrong with it
    def self.from(value)
      case value
      when nil, false then nil
      when true then new(**DEFAULTS)
      when Numeric then new(base: value, factor: 1, max: value, jitter: 0)
      when Hash then new(**DEFAULTS, **known(value))
      else raise ArgumentError, "must be seconds, true or a Hash, got #{value.inspect}"
      end
    end

    # @param value [Hash]
    # @return [Hash]
    def self.known(value)
      unknown = (value.keys - DEFAULTS.keys).first
      raise ArgumentError, "has no #{unknown.inspect}: #{DEFAULTS.keys.join(", ")} are known" if unknown

      value
    end
    private_class_method :known

    # @param base [Numeric] seconds before the second attempt
    # @param factor [Numeric] each pause is that many times the one before
    # @param max [Numeric] seconds of the longest pause
    # @param jitter [Numeric] 0..1: the share of a pause that is random
    # @raise [ArgumentError]
    def initialize(base:, factor:, max:, jitter:)
      { base: base, factor: factor, max: max, jitter: jitter }.each do |name, number|
        next if number.is_a?(Numeric) && number.real? && number.to_f.finite? && !number.negative?

        raise ArgumentError, "#{name} must be a number of at least 0, got #{number.inspect}"
      end
      raise ArgumentError, "jitter must not be above 1, got #{jitter.inspect}" if jitter > 1

      @base = base
      @factor = factor
      @max = max
      @jitter = jitter
      # Of its own: the program's sequence of random numbers stays as it is.
      @random = Random.new
    end

    # @param attempt [Integer] that has failed, from 1
    # @return [Float] seconds
    def delay(attempt)
      # The exponent is bounded by the cap, long before a Float ends.
      pause = [@base * (@factor.to_f**[attempt - 1, 64].min), @max].min.to_f
      pause * (1 - (@jitter * @random.rand))
    end
  end
end
