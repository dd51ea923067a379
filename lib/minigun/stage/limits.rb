# frozen_string_literal: true

require_relative "../suggestion"
require_relative "../width"

module Minigun
  # How fast, how many at once and in which order a stage works on its items, over all its threads and
  # children:
  #
  # * `rate` runs of the block in `per` seconds (1). They are spaced evenly; after a pause up to `burst`
  #   of them (1) may follow each other at once. In any time t there are at most t * rate / per + burst.
  #   A retry is a run of its own
  # * `limit` runs of the block at once
  # * `threads` of each child: the elements of an Array are worked on one by one, so many at once, and
  #   each has an outcome of its own; forked stages only
  # * `ordered` emissions go on in the order in which the stage took the items: `true`, or how many items
  #   at most may be under way or wait for an earlier one (twice the width, at least 16)
  class Limits
    # Those of the throttle.
    PACE = %i[rate per burst limit].freeze
    # All options that this class understands.
    OPTIONS = (PACE + %i[threads ordered]).freeze

    LEAST_WINDOW = 16
    PROCESS_TYPES = %i[processes process fork].freeze
    private_constant :PROCESS_TYPES, :LEAST_WINDOW

    class << self
      # @param type [Symbol] `:pipeline` or what the stage is
      # @param name [Symbol]
      # @param options [Hash]
      # @param block [Proc, nil]
      # @return [void]
      # @raise (see check)
      def check_stage(type, name, options, block = nil)
        given = OPTIONS & options.compact.keys
        return if given.empty?

        label = "#{type} #{name.inspect}"
        raise ArgumentError, "#{label}: #{given.first} is an option of stages" if type == :pipeline
        raise ArgumentError, "#{label}: #{given.first} is for stages that take items" if producer?(block, type)

        check_accumulator(label, given, block) if type == :accumulator
        check(label, options, options[:_execution_context])
      end

      # @param label [String] stage or word that has the options, for the message
      # @param options [Hash]
      # @param context [Hash, nil] the execution context they hold for
      # @return [void]
      # @raise [ArgumentError] for a bad value, or an option that has no meaning there
      def check(label, options, context)
        given = options.slice(*OPTIONS).compact
        given.each { |option, value| check_value(label, option, value) }
        alien = (%i[per burst] & given.keys).first unless given.key?(:rate)
        raise ArgumentError, "#{label}: #{alien} needs a rate" if alien
        return if !given.key?(:threads) || PROCESS_TYPES.include?(context && context[:type])

        raise ArgumentError, "#{label}: the option threads needs processes or process_per_batch"
      end

      # @param options [Hash] of a stage
      # @param width [Integer] items that it works on at once
      # @return [Integer, nil] items that may be ahead of the first that is not over; nil = there is no order
      #   to keep
      def window(options, width)
        ordered = options[:ordered]
        return if !ordered || width == 1

        ordered == true ? [2 * width, LEAST_WINDOW].max : ordered
      end

      # @param block [Proc, nil]
      # @param type [Symbol] what a stage without a block is called
      # @return [Boolean] do they make a producer?
      def producer?(block, type) = block.nil? ? type == :producer : [0, -1].include?(block.arity)

      private

      def check_accumulator(label, given, block)
        raise ArgumentError, "#{label}: #{given.first} needs a block" unless block
        raise ArgumentError, "#{label}: threads is not for a block that takes a whole batch" if given.include?(:threads)
      end

      def check_value(label, option, value)
        case option
        when :rate, :per then check_number(label, option, value)
        when :ordered then check_ordered(label, value)
        else Width.check("#{label}: #{option}", value)
        end
      end

      def check_number(label, option, value)
        return if value.is_a?(Numeric) && value.real? && value.to_f.finite? && value.positive?

        raise ArgumentError, "#{label}: #{option} must be a number above 0, got #{value.inspect}"
      end

      def check_ordered(label, value)
        return if [true, false].include?(value) || (value.is_a?(Integer) && value.positive?)

        raise ArgumentError, "#{label}: ordered must be true or an Integer of at least 1, got #{value.inspect}"
      end
    end
  end
end
