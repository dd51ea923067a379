# frozen_string_literal: true

require_relative "../suggestion"
require_relative "isolation"
require_relative "ractor_cell"

module Minigun
  module Execution
    # Runs the block in a Ractor, when it can be isolated; else in a thread, and one warning in the life
    # of the process says why (see {Isolation}). In a Ractor the block's self is an object that knows the
    # functions of Ruby, and nothing else.
    #
    # While a Ractor runs nobody may fork: {ForkContext} and stages in child processes are refused with
    # an {UnsafeForkError}. As soon as {#join} or {#terminate} is over they are possible again.
    class RactorContext < ThreadContext
      def initialize(name)
        super
        @turn = Thread::Mutex.new
      end

      # @return [self]
      def execute(&block)
        check_block(block)
        refuse_second if @pending
        @cell = @outcome = @error = nil
        obstacle = obstacle_to(block) || start(block)
        return self unless obstacle

        warn_once(obstacle)
        super
      end

      # @return [Object, nil] the block's value: the very object; nil when it was terminated, and before
      #   `execute`
      # @raise [Exception] what the block raised
      def join
        return super unless @cell

        how, object = conclude
        raise object if how == :error

        object
      end

      # @return [Boolean]
      def alive? = @cell ? @cell.alive? : super

      # Ends the block and waits for the Ractor to be gone.
      def terminate
        return super unless @cell

        @cell.stop
        conclude
        nil
      end

      private

      def obstacle_to(block)
        Isolation.unavailable || Isolation.obstacle(block, block&.binding&.receiver)
      rescue ArgumentError
        "is not written as a block"
      end

      # @return [String, nil] what went wrong
      def start(block)
        @cell = RactorCell.start(Once, block, name: name.to_s)
        @pending = true
        nil
      rescue ThreadError, SystemCallError => e
        e.message
      end

      def conclude
        outcome = @turn.synchronize { @outcome ||= collect }
        @pending = false
        @error = outcome.last if outcome.first == :error
        outcome
      end

      def collect
        @cell.wait
        # From here on it takes no time.
        Thread.handle_interrupt(Object => :never) do
          @outcome = @cell.value || [:ended, nil]
          @cell.release
        end
        @outcome
      end

      def warn_once(obstacle)
        return unless Minigun.respond_to?(:logger)

        Suggestion.warn_once(:ractor_context, "[Minigun] a RactorContext (#{name}) runs its block in a thread, " \
                                              "not in a Ractor: it #{obstacle}")
      end

      # What the Ractor does.
      module Once
        # @return [Array(Symbol, Object)] how the block ended, and with what
        def self.call(block, _results)
          [:value, Object.new.instance_exec(&block)]
        rescue Exception => e # rubocop:disable Lint/RescueException -- `join` raises it
          [:error, e]
        end
      end
      private_constant :Once
    end
  end
end
