# frozen_string_literal: true

require_relative "../errors"
require_relative "../native"
require_relative "../suggestion"
require_relative "../width"
require_relative "item_reader"

module Minigun
  # When a batch leaves and what belongs into it, resolved from the options of an accumulator:
  #
  # * `max_size` items of a full batch (100). Where it is left out, the class's `accumulator_max_single`
  #   if it was set; a stage with `max_bytes` has that of {Task::DEFAULT_CONFIG} otherwise
  # * `by` what the items of one batch have in common: a method's name, or a block that gets the item
  # * `max_wait` seconds after its first item until a batch leaves, full or not
  # * `max_bytes` what the items of a batch may have together: the item that would exceed it begins the
  #   next batch, a single larger one goes alone
  # * `bytes_of` an item's bytes: a method's name or a block. Where it is left out, a String has its
  #   `bytesize`, everything else the size in which it would be sent to a child
  # * `max_total` items of all open batches together: when one more comes, the largest batch leaves first.
  #   Where it is left out, an accumulator with `by` has the class's `accumulator_max_all`, or the size of
  #   one batch if that is more
  # * `uniq` an item that the open batch holds already is dropped: `true`, or what tells items apart, a
  #   method's name or a block. Of several the first stays. Batches that have left are not remembered:
  #   what has changed since is published again, and memory stays bounded
  #
  # The blocks run in the parent, for one item after another. An item that one of them raises for has
  # failed, and is in no batch.
  class BatchRules
    # Items of a batch when nothing says how many.
    DEFAULT_SIZE = 100

    # All options that this class understands.
    OPTIONS = %i[max_size max_wait by max_bytes bytes_of max_total uniq].freeze

    # @return [Integer]
    attr_reader :max_size
    # @return [Integer, nil]
    attr_reader :max_bytes, :max_total
    # @return [Numeric, nil] seconds
    attr_reader :max_wait

    class << self
      # @param name [Symbol] the stage
      # @param options [Hash]
      # @return [void]
      # @raise [ArgumentError] for a value without a meaning
      def check(name, options)
        %i[max_size max_bytes max_total].each { |option| Width.check("#{option} of #{name.inspect}", options[option]) }
        check_wait(name, options[:max_wait])
        %i[by uniq bytes_of].each { |option| check_reader(name, option, options[option]) }
        return if options[:bytes_of].nil? || options[:max_bytes]

        raise ArgumentError, "bytes_of of #{name.inspect}: without max_bytes it has no meaning"
      end

      # @param type [Symbol] what the stage is
      # @param name [Symbol]
      # @param options [Hash] warns once for each option that only accumulators have
      # @return [void]
      def warn_of_misplaced(type, name, options)
        return if %i[accumulator partition].include?(type)

        (options.keys & (OPTIONS - %i[max_size max_wait])).each do |option|
          Suggestion.warn_once([:batch_option, option],
                               "Stage #{name.inspect}: option #{option.inspect} has a meaning for accumulators only")
        end
      end

      private

      def check_wait(name, wait)
        return if wait.nil?
        return if wait.is_a?(Numeric) && wait.real? && wait.to_f.finite? && !wait.negative?

        raise ArgumentError, "max_wait of #{name.inspect} must be seconds, got #{wait.inspect}"
      end

      def check_reader(name, option, source)
        words = { uniq: [true, false, nil], bytes_of: [true, nil] }.fetch(option, [nil])
        return if words.include?(source) || ItemReader.source?(source)

        raise ArgumentError, "#{option} of #{name.inspect} must be #{"true, " if words.include?(true)}" \
                             "the name of a method or a block, got #{source.inspect}"
      end
    end

    # @param name [Symbol] the stage, for messages
    # @param options [Hash] see {check}
    # @param config [Hash] of the pipeline
    def initialize(name, options, config = {})
      @name = name
      @max_bytes = options[:max_bytes]
      @max_size = options[:max_size] || default_size(config)
      @max_wait = options[:max_wait]
      @max_total = options[:max_total] || (default_total(config) if options[:by])
      @key = reader(options[:by])
      @identity = reader(options[:uniq])
      @uniq = options[:uniq] ? true : false
      @bytes = reader(options[:bytes_of])
    end

    # @return [Boolean] are items dropped that a batch holds already?
    def uniq? = @uniq

    # @return [Boolean] is the number of items all that counts?
    def size_only? = !(@key || @uniq || @max_bytes || @max_wait || @max_total)

    # @return [Object, nil] what the item has in common with its batch
    def key(context, item)
      @key&.call(context, item)
    end

    # @return [Object] what tells the item apart
    def identity(context, item)
      @identity ? @identity.call(context, item) : item
    end

    # @return [Integer] what the item counts in bytes; 0 when they are not counted
    # @raise [Error] when the item's size cannot be told
    def bytes(context, item)
      return 0 unless @max_bytes
      return default_bytes(item) unless @bytes

      size = @bytes.call(context, item)
      return size if size.is_a?(Integer) && !size.negative?

      raise Error, "bytes_of of #{@name.inspect} must answer with a number of bytes, got #{size.inspect}"
    end

    private

    def default_size(config)
      config[:accumulator_max_single] || (@max_bytes ? Task::DEFAULT_CONFIG[:accumulator_max_single] : DEFAULT_SIZE)
    end

    def default_total(config)
      [config[:accumulator_max_all] || Task::DEFAULT_CONFIG[:accumulator_max_all], @max_size].max
    end

    def reader(source)
      ItemReader.new(source) if ItemReader.source?(source)
    end

    def default_bytes(item)
      item.is_a?(String) ? item.bytesize : Native.dump(item).bytesize
    rescue SerializationError => e
      raise Error, "max_bytes of #{@name.inspect}: #{e.message}; bytes_of can tell its size"
    end
  end
end
