# frozen_string_literal: true

module Minigun
  module Execution
    # What one stage does with one item, wherever it runs: `before` hooks, the block, `after` hooks,
    # back to back on one thread, self being the user's instance.
    #
    # @api private
    class Work
      NOTHING = proc {}
      private_constant :NOTHING

      # @return [Object] the user's instance
      attr_reader :context

      # @param stage [Stage]
      # @param context [Object] the user's instance
      # @param hooks [Hash{Symbol => Array<Proc>}] of the stage: before, after, after_fork, ...
      def initialize(stage, context, hooks)
        @stage = stage
        @context = context
        @hooks = hooks
        @turn = Thread::Mutex.new
        @left = 0
        @block = stage.block if stage.instance_of?(AtomicStage) && !stage.block&.lambda?
      end

      # Calls a block that does nothing where a child will call the stage's, so that Ruby has found the
      # method there when there is a child; see {Rehearsal}.
      #
      # @return [void]
      def rehearse
        perform(nil, NOTHING) if @block
      end

      # @return [BlockCalls, nil] for one slot; nil when an item takes more than a plain block
      def block_calls = (BlockCalls.new(@context, @block) if @block && !hooked?)

      # @return [Symbol] what the block works on: `:item`, `:batch` or nothing (`:producer`)
      def sort = :item

      # A slot has no more items.
      #
      # @return [Integer] how many of them have said so
      def left = @turn.synchronize { @left += 1 }

      # @return [Component, nil] an object that does the block's work, and is closed in the end
      def component = @stage.component

      # @return [Boolean] are there hooks around the block?
      def hooked? = hooks?(:before) || hooks?(:after)

      # @return [Boolean] are there hooks of this type?
      def hooks?(type) = @hooks.fetch(type).any?

      # Runs the hooks of one type, without arguments.
      def run_hooks(type)
        @hooks.fetch(type).each { |hook| @context.instance_exec(&hook) }
      end

      # @param item [Object]
      def call(item)
        run_hooks(:before)
        perform(item)
        run_hooks(:after)
      end

      private

      # A plain block is called straight away; the stage knows about lambdas and other classes.
      def perform(item, block = @block)
        block ? @context.instance_exec(item, &block) : @stage.execute(@context, item)
      end
    end

    # A producer's one run.
    #
    # @api private
    class ProducerWork < Work
      # @return [Symbol]
      def sort = :producer

      # @see Work#rehearse
      def rehearse = nil

      private

      def perform(_item)
        @stage.call(@context)
      end
    end

    # An accumulator's block with a full batch: what it emits goes downstream, and its value does
    # when it emits nothing. The `before` and `after` hooks belong to the items, not to the batch.
    #
    # @api private
    class BatchWork < Work
      # @return [Symbol]
      def sort = :batch

      # @return [false]
      def hooked? = false

      # @param batch [Array]
      def call(batch)
        scope = Scope.current
        emitted = scope.emitted
        value = @stage.call(@context, batch)
        scope.emit(value) if scope.emitted == emitted
      end
    end
  end
end
