# frozen_string_literal: true

require_relative "../width"
require_relative "atomic_stage"

module Minigun
  # A stage that gathers items into batches.
  #
  # Without a block a batch goes on as it is. With one, the block gets the batch: what it emits
  # goes on; if it emits nothing, its value does.
  class AccumulatorStage < AtomicStage
    # Items of a batch when no `max_size` is given.
    DEFAULT_MAX_SIZE = 100

    # Items waiting for their batch to fill. Not thread-safe.
    class Buffer
      # @return [Integer]
      attr_reader :max_size

      # @param max_size [Integer]
      def initialize(max_size)
        @max_size = max_size
        @items = []
      end

      # @param item [Object]
      # @return [Array, nil] the batch, when this item completes it
      def add(item)
        @items << item
        take if @items.size >= max_size
      end

      # @return [Array, nil] what is there, if anything
      def take
        return if @items.empty?

        batch = @items
        @items = []
        batch
      end

      # Takes the last item out again.
      # @return [void]
      def withdraw
        @items.pop
        nil
      end

      # @return [Integer]
      def size
        @items.size
      end

      # @return [Boolean]
      def empty?
        @items.empty?
      end
    end

    # @return [Integer] items of a full batch
    attr_reader :max_size
    # @return [Numeric, nil] seconds
    attr_reader :max_wait

    # @param name [Symbol]
    # @param block [Proc, nil]
    # @param options [Hash] `max_size` (100), `max_wait` (nil) and those of every stage
    # @raise [ArgumentError] for a bad size or time
    def initialize(name:, block: nil, options: {})
      super
      @max_size = Width.check("max_size of #{name.inspect}", options[:max_size]) || DEFAULT_MAX_SIZE
      @max_wait = checked_wait(options[:max_wait])
      @buffer = new_buffer
    end

    # @return [false]
    def producer?
      false
    end

    # @return [Buffer] an empty one; a run uses its own, so that runs do not share items
    def new_buffer
      Buffer.new(max_size)
    end

    # @param item [Object]
    # @return [Array, nil] the batch, when this item completes it
    def add(item)
      @buffer.add(item)
    end

    # @return [Array, nil] the items of an unfinished batch
    def take
      @buffer.take
    end

    # @param context [Object]
    # @param batch [Array]
    # @return [Object] the block's value; the batch itself without a block
    def call(context, batch = nil)
      return batch unless block
      return context.instance_exec(&block) if block.lambda? && block.arity.zero?

      context.instance_exec(batch, &block)
    end

    # @param context [Object]
    # @param batch [Array]
    # @return [Array] what goes downstream for a finished batch
    def release(context, batch)
      return [batch] unless block

      Emission.attach(context)
      value = nil
      emitted = Scope.collect { value = call(context, batch) }
      emitted.empty? ? [value] : emitted
    end

    # @param context [Object]
    # @param item [Object]
    # @return [Array] empty until a batch is full
    def execute_with_emit(context, item)
      batch = add(item)
      batch ? release(context, batch) : []
    end

    # @param context [Object]
    # @return [Array] what goes downstream for the unfinished batch
    def flush(context)
      rest = take
      rest ? release(context, rest) : []
    end

    private

    def checked_wait(wait)
      return wait if wait.nil? || (wait.is_a?(Numeric) && wait.real? && !wait.negative?)

      raise ArgumentError, "max_wait of #{name.inspect} must be seconds, got #{wait.inspect}"
    end
  end
end
