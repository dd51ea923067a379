# frozen_string_literal: true

require_relative "atomic_stage"
require_relative "batch_buffer"

module Minigun
  # A stage that gathers items into batches, by the rules of its options (see {BatchRules}).
  #
  # Without a block a batch goes on as it is. With one, the block gets the batch: what it emits
  # goes on; if it emits nothing, its value does.
  class AccumulatorStage < AtomicStage
    # Items of a batch when nothing says how many.
    DEFAULT_MAX_SIZE = BatchRules::DEFAULT_SIZE

    # @return [Integer] items of a full batch
    attr_reader :max_size
    # @return [Numeric, nil] seconds
    attr_reader :max_wait

    # @param name [Symbol]
    # @param block [Proc, nil]
    # @param options [Hash] those of {BatchRules} and of every stage
    # @raise [ArgumentError] for a value without a meaning
    def initialize(name:, block: nil, options: {})
      super
      BatchRules.check(name, options)
      @max_size = options[:max_size] || DEFAULT_MAX_SIZE
      @max_wait = options[:max_wait]
      @buffer = new_buffer
    end

    # @return [false]
    def producer?
      false
    end

    # @param config [Hash] of the pipeline
    # @return [BatchBuffer] an empty one; a run uses its own, so that runs do not share items
    def new_buffer(config = {})
      BatchBuffer.new(BatchRules.new(name, options, config))
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
    # @return [Array] what goes downstream for the batches that leave now, if any
    def execute_with_emit(context, item)
      @buffer.add(item, context)
      release_all(context)
    end

    # @param context [Object]
    # @return [Array] what goes downstream for the unfinished batches
    def flush(context)
      @buffer.close
      release_all(context)
    end

    private

    def release_all(context)
      released = []
      while (batch = @buffer.take)
        released.concat(release(context, batch.items))
      end
      released
    end
  end
end
