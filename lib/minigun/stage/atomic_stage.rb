# frozen_string_literal: true

require_relative "../emission"
require_relative "../stage"

module Minigun
  # A stage that is one block: a producer when the block takes nothing, else called once an item.
  class AtomicStage < Stage
    # @return [Proc, nil] the very object the user gave
    attr_reader :block

    # @param name [Symbol]
    # @param block [Proc, nil]
    # @param options [Hash]
    def initialize(name:, block: nil, options: {})
      super(name: name, options: options)
      @block = block
    end

    # @api private
    # @return [Component, nil] the object that does the block's work
    def component = nil

    # @return [Boolean, nil] whether the block's arity is 0 or -1; nil without a block
    def producer?
      block && [0, -1].include?(block.arity)
    end

    # Runs the block with nothing around it: the caller has set up where emissions go.
    #
    # An Array is spread over several block parameters, for a lambda as for any other block.
    # @param context [Object] self in the block
    # @param item [Object] not given to a producer
    # @return [Object] the block's value, nil without a block
    def call(context, item = nil)
      return unless block
      return context.instance_exec(&block) if producer?
      return context.instance_exec(*item, &block) if spread?(item)

      context.instance_exec(item, &block)
    end

    # Runs the block. Emissions go to the stage that is running, if any, and else nowhere.
    # @param (see #call)
    # @return (see #call)
    def execute(context, item = nil)
      Emission.attach(context)
      return call(context, item) if Scope.current

      value = nil
      Scope.collect { value = call(context, item) }
      value
    end

    # Runs the block and collects what it emits.
    # @param (see #call)
    # @return [Array] items in order; one for a named stage is `{item:, target:}`
    def execute_with_emit(context, item = nil)
      Emission.attach(context)
      Scope.collect { call(context, item) }
    end

    # @return [Hash]
    def to_h
      super.merge(block: block)
    end

    private

    def spread?(item)
      block.lambda? && (block.arity > 1 || block.arity < -2) && item.is_a?(Array)
    end
  end
end
