# frozen_string_literal: true

require_relative "method_fit"

module Minigun
  module Execution
    # Calls a stage's block for each item of a stream, self being the user's instance.
    #
    # When it has done so often enough it does so by way of a method, if that makes no difference: this
    # costs half of `instance_exec`. The method is one of a module that every object able to emit has,
    # so that neither object nor class is changed, and it goes when the stream is over.
    #
    # @api private
    class BlockCalls
      # Calls after which a method is worth its making.
      WARM_UP = 256
      EMPTY = proc { |_item| }
      private_constant :EMPTY

      # Numbers of methods that nobody uses; those in use have higher ones.
      @free = []
      @used = 0
      @turn = Thread::Mutex.new

      class << self
        # @param block [Proc]
        # @return [Integer] the number of the method that it is now
        def define(block)
          @turn.synchronize do
            number = @free.pop || add_loop
            Native::Blocks.define_method(:"__minigun_block_#{number}", &block)
            number
          end
        end

        # @param number [Integer]
        def remove(number)
          @turn.synchronize do
            Native::Blocks.remove_method(:"__minigun_block_#{number}")
            @free << number
          end
        end

        private

        # A loop of its own for each: a call with a fixed name is the fast one.
        def add_loop
          number = @used += 1
          class_eval(<<~RUBY, __FILE__, __LINE__ + 1)
            def self.each_#{number}(context, stream)            # def self.each_1(context, stream)
              while (item = stream.next) || !stream.over?       #   while (item = stream.next) || !stream.over?
                context.__minigun_block_#{number}(item)         #     context.__minigun_block_1(item)
              end                                               #   end
            end                                                 # end
          RUBY
          number
        end
      end

      # @param context [Object] the user's instance
      # @param block [Proc] no lambda
      def initialize(context, block)
        @context = context
        @block = block
        @calls = 0
      end

      # Makes the method now, so that no child has to.
      #
      # @return [self]
      def prepare
        @calls = WARM_UP
        find_method
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

        find_method unless defined?(@number)
        @number ? self.class.public_send(:"each_#{@number}", @context, stream) : each_by_exec(stream)
      end

      # No more calls.
      def close
        Thread.handle_interrupt(Object => :never) do
          self.class.remove(@number) if @number
          @number = nil
        end
      end

      private

      def warm_up(stream)
        while @calls < WARM_UP && ((item = stream.next) || !stream.over?)
          @calls += 1
          @context.instance_exec(item, &@block)
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

      # A thread that is ended must know the method that it has made.
      def find_method
        Thread.handle_interrupt(Object => :never) do
          @number = (self.class.define(@block) if fit?)
        end
      end

      def fit?
        Native::Blocks === @context && MethodFit.of?(@block) # rubocop:disable Style/CaseEquality -- the object may say what it likes
      end
    end
  end
end
