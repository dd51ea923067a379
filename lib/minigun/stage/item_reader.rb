# frozen_string_literal: true

module Minigun
  # What is asked of each item: the name of one of its methods, or a block that gets the item, self
  # being the user's instance. An Array is spread over several block parameters, for a lambda too.
  #
  # @api private
  class ItemReader
    # @param source [Object]
    # @return [Boolean] can it be asked of an item?
    def self.source?(source)
      [Symbol, Proc, Method].any? { |kind| source.is_a?(kind) }
    end

    # @param source [Symbol, Proc, Method]
    def initialize(source)
      @name = source if source.is_a?(Symbol)
      @block = source.to_proc unless @name
      @spread = @block&.lambda? && (@block.arity > 1 || @block.arity < -2)
    end

    # @param context [Object] self in the block
    # @param item [Object]
    # @return [Object] the answer
    def call(context, item)
      return item.public_send(@name) if @name
      return context.instance_exec(*item, &@block) if @spread && item.is_a?(Array)

      context.instance_exec(item, &@block)
    end
  end
end
