# frozen_string_literal: true

require_relative "atomic_stage"
require_relative "item_reader"

module Minigun
  # A stage that passes items on, and chooses for each which of the stages behind it gets it.
  #
  # @api private
  # @abstract
  class RouterStage < AtomicStage
    # A router's block.
    PASS = proc { |item| Scope.current.emit(item) }
    private_constant :PASS

    # @param name [Symbol]
    # @param block [nil]
    # @param options [Hash]
    def initialize(name:, block: nil, options: {})
      super(name: name, block: block || PASS, options: options)
    end

    # @param branches [Integer] stages behind it
    # @return [Boolean] does it tell the slots of a stage apart?
    def lanes?(branches) = branches == 1
  end

  # Items of one key all go to the same stage, and there to the same slot, in order.
  #
  # @api private
  class PartitionStage < RouterStage
    # @param options [Hash] `by`
    # @raise [ArgumentError]
    def initialize(name:, block: nil, options: {})
      super
      source = options[:by]
      unless ItemReader.source?(source)
        raise ArgumentError, "partition: by must be the name of a method or a block, got #{source.inspect}"
      end

      @reader = ItemReader.new(source)
    end

    # @return [Boolean]
    def lanes?(_branches) = true

    # @param context [Object] self in a block
    # @param item [Object]
    # @return [Object] what keeps items together
    def key(context, item) = @reader.call(context, item)
  end

  # Each stage in turn; of a single one each slot.
  #
  # @api private
  class RoundRobinStage < RouterStage
  end

  # All stages; of a single one all slots.
  #
  # @api private
  class BroadcastStage < RouterStage
  end
end
