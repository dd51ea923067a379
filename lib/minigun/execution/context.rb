# frozen_string_literal: true

require_relative "../errors"
require_relative "../system_limits"

module Minigun
  # Where blocks run: inline, in threads, in child processes.
  module Execution
    # A block and the place where it runs, outside of any pipeline.
    #
    # @abstract
    class Context
      # @return [Object] what the caller named it
      attr_reader :name

      # @param name [Object]
      def initialize(name)
        @name = name
      end

      # @return [Symbol] `:inline`, `:thread`, `:fork` or `:ractor`
      def type
        self.class.name.split("::").last.delete_suffix("Context").downcase.to_sym
      end

      # Starts the block. A context runs one block at a time; when that was joined or terminated it
      # can be used again.
      #
      # @return [self]
      # @raise [ArgumentError] without a block
      # @raise [Error] when the last block was neither joined nor terminated
      def execute(&_block) = raise(NotImplementedError, "#{self.class}#execute")

      # Waits for the block. May be called again, and from several threads: all get the same.
      #
      # @return [Object] its value
      # @raise [Exception] what it raised
      def join = raise(NotImplementedError, "#{self.class}#join")

      # @return [Boolean] does the block run?
      def alive? = raise(NotImplementedError, "#{self.class}#alive?")

      # Ends the block.
      # @return [void]
      def terminate = raise(NotImplementedError, "#{self.class}#terminate")

      # @api private
      # @return [Boolean] is this what the block raised, rather than something thrown into the caller?
      def failed_with?(error) = error.equal?(@error)

      private

      def check_block(block)
        raise ArgumentError, "#{self.class}#execute needs a block" unless block
      end

      def refuse_second
        raise Error, "context #{name.inspect} runs a block already: join or terminate it first"
      end
    end

    # Runs the block at once, in the caller.
    class InlineContext < Context
      # @return [self]
      # @raise [Exception] what the block raises
      def execute(&block)
        check_block(block)
        @value = nil
        @value = block.call
        self
      end

      # @return [Object] the block's value
      def join = @value

      # @return [false]
      def alive? = false

      # Nothing runs that could be ended.
      def terminate; end
    end

    # Runs the block in a thread.
    class ThreadContext < Context
      # @return [self]
      def execute(&block)
        check_block(block)
        refuse_second if @pending
        @pending = true
        @error = nil
        @thread = SystemLimits.named { Thread.new { run(block) } }
        self
      end

      # @return [Object, nil] the block's value; nil before `execute`, and when the block was ended
      def join
        @thread&.join
        @pending = false
        @thread&.value
      rescue Exception => e # rubocop:disable Lint/RescueException -- looked at, and raised again
        @pending = false if e.equal?(@error)
        raise
      end

      # @return [Boolean]
      def alive? = @thread ? @thread.alive? : false

      # Kills the thread and waits for it.
      def terminate
        @thread&.kill
        join
        nil
      rescue Exception => e # rubocop:disable Lint/RescueException -- the block's own belongs to `join`
        raise unless e.equal?(@error)
      end

      private

      def run(block)
        Thread.current.report_on_exception = false
        Thread.current.name = name.to_s
        block.call
      rescue Exception => e # rubocop:disable Lint/RescueException -- remembered, and raised again
        @error = e
        raise
      end
    end

    require_relative "fork_context"
    require_relative "ractor_context"

    TYPES = {
      inline: InlineContext, thread: ThreadContext, fork: ForkContext, ractor: RactorContext
    }.freeze
    private_constant :TYPES

    # @param type [Symbol] `:inline`, `:thread`, `:fork` or `:ractor`
    # @param name [Object]
    # @return [Context]
    # @raise [ArgumentError] for any other type
    def self.create_context(type, name)
      TYPES.fetch(type) { raise ArgumentError, "Unknown context type: #{type.inspect}" }.new(name)
    end
  end
end
