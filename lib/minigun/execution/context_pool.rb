# frozen_string_literal: true

require_relative "context"

module Minigun
  module Execution
    # Hands out contexts of one type and knows which are in use. Its size is a measure, not a limit:
    # `acquire` never waits and never refuses.
    class ContextPool
      # @return [Symbol]
      attr_reader :type

      # @return [Integer]
      attr_reader :max_size

      # @param type [Symbol] see {Execution.create_context}
      # @param max_size [Integer]
      def initialize(type:, max_size:)
        @type = type
        @max_size = max_size
        @active = []
        @idle = []
        @mutex = Thread::Mutex.new
      end

      # @param name [Object, nil]
      # @return [Context] counted as active until it is released
      def acquire(name = nil)
        @mutex.synchronize do
          context = @idle.pop || Execution.create_context(type, name || "#{type}-#{@active.size}")
          @active << context
          context
        end
      end

      # @param context [Context] an inline one is used again; the others have run their block
      def release(context)
        @mutex.synchronize do
          index = @active.index { |active| active.equal?(context) }
          next unless index

          @active.delete_at(index)
          @idle << context if type == :inline
        end
        nil
      end

      # @return [Integer]
      def active_count = @mutex.synchronize { @active.size }

      # @return [Boolean] are `max_size` contexts or more in use?
      def at_capacity? = active_count >= max_size

      # Waits for all active contexts, and releases each when it has ended.
      #
      # @return [Array<Object>] their values
      # @raise [Exception] what the first of them raised that raised anything, when all have ended
      def join_all
        outcomes = active.map { |context| outcome(context).tap { release(context) } }
        error = outcomes.filter_map(&:last).first
        raise error if error

        outcomes.map(&:first)
      end

      # Ends all active contexts, and releases each when it has ended.
      def terminate_all
        active.each do |context|
          context.terminate
          release(context)
        end
        nil
      end

      private

      def active = @mutex.synchronize { @active.dup }

      # What is thrown into the waiting thread (a Timeout) is no outcome, and ends the waiting.
      #
      # @return [Array(Object, Exception)] value and error
      def outcome(context)
        [context.join, nil]
      rescue Exception => e # rubocop:disable Lint/RescueException -- told apart below
        raise unless context.failed_with?(e)

        [nil, e]
      end
    end
  end
end
