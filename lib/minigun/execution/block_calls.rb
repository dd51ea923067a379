# frozen_string_literal: true

require_relative "block_fit"

module Minigun
  module Execution
    # Calls a stage's block for each item of a stream, self being the user's instance.
    #
    # When it has done so often enough it yields to a copy of the block that has the instance as its self,
    # if that makes no difference: this costs 40% of `instance_exec`.
    #
    # @api private
    class BlockCalls
      # Calls after which it is worth looking at the block.
      WARM_UP = 256
      EMPTY = proc { |_item| }
      private_constant :EMPTY

      # @param context [Object] the user's instance
      # @param block [Proc] no lambda
      def initialize(context, block)
        @context = context
        @block = block
        @calls = 0
      end

      # Looks at the block now, so that no child has to.
      #
      # @return [self]
      def prepare
        @calls = WARM_UP
        bind
        self
      end

      # Returns when the stream is over. What the block raises comes out, and the item is still that of
      # the stream.
      #
      # @param stream [Native::Stream]
      # @return [void]
      def each(stream)
        warm_up(stream) if @calls < WARM_UP
        return if stream.over?

        bind unless defined?(@bound)
        @bound ? each_by_yield(stream, &@bound) : each_by_exec(stream)
      end

      private

      def warm_up(stream)
        while @calls < WARM_UP && ((item = stream.next) || !stream.over?)
          @calls += 1
          @context.instance_exec(item, &@block)
        end
      end

      def each_by_yield(stream)
        while (item = stream.next) || !stream.over?
          yield item
        end
      end

      def each_by_exec(stream)
        context = @context
        block = @block
        stream.learn { context.instance_exec(nil, &EMPTY) }
        while (item = stream.next) || !stream.over?
          context.instance_exec(item, &block)
        end
      end

      def bind
        @bound = (Native::BoundBlock.of(@block, @context) if BlockFit.of?(@block))
      end
    end
  end
end
