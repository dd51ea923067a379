# frozen_string_literal: true

require "timeout"
require_relative "trace"
require_relative "../own_threads"

module Minigun
  module Execution
    # Runs a stage's block in the slot's own thread.
    #
    # @api private
    class Local
      # @param node [Flow::Node]
      def initialize(node)
        @node = node
        @recovery = node.recovery
        @attempts = Attempts.new(node, self) unless @recovery.plain? && node.throttle.nil?
      end

      # @return [Boolean] can the slot have its items streamed? They are worked on in the order of the
      #   inbox in any case; this way it costs less.
      def streams? = instance_of?(Local) && @attempts.nil? && @node.plain?

      # @return [Native::Stream] of this slot
      def stream = @node.stream

      # Works on the items of a stream until it is over. What an item raises ends that item.
      #
      # @param stream [Native::Stream]
      # @return [void]
      def drain(stream)
        each(stream)
      rescue StandardError => e
        raise unless stream.busy?

        @node.failed(stream.leave, e, delivered: stream.emitted)
        stream.drop
        retry
      end

      # @param item [Object]
      # @return [void]
      def call(item)
        return @attempts.call(item) if @attempts

        started = Minigun.monotonic_time
        scope = LocalScope.for(@node)
        scope.enter { @node.work.call(item) }
        @node.finished(item, Minigun.monotonic_time - started)
      rescue StandardError => e
        @node.failed(item, e, delivered: scope.emitted)
      end

      # @param item [Object]
      # @param number [Integer]
      # @return [Attempts::Outcome]
      def attempt(item, number)
        started = Minigun.monotonic_time
        scope = @recovery.hold? ? HeldScope.new(@node, number) : LocalScope.for(@node, number)
        begin
          limited(started) { scope.enter { @node.work.call(item) } }
        rescue StandardError => e
          return Attempts::Outcome.new(nil, e, @recovery.hold? ? 0 : scope.emitted)
        end
        seconds = Minigun.monotonic_time - started
        scope.deliver if @recovery.hold?
        Attempts::Outcome.new(seconds)
      end

      # @return [Hash] what {Flow::Node#failed} is to be told when the thread is left halfway
      def share_of(_item) = {}

      # Nothing outlives a call but an object that does the block's work: the last slot closes it.
      def close
        component = @node.work.component
        return unless component && @node.last_to_close?

        LocalScope.for(@node).enter { component.close }
      rescue StandardError => e
        @node.emission_failed(Component::CLOSE, e)
      end

      # Nothing outlives the thread.
      def abort; end

      private

      def each(stream)
        @calls ||= @node.work.block_calls
        return @calls.each(stream) if @calls

        while (item = stream.next) || !stream.over?
          @node.work.call(item)
        end
      end

      # A thread can be interrupted where Ruby looks for it: not inside of C code that keeps the lock
      # of the interpreter, nor in an `ensure`.
      def limited(started, &block)
        seconds = @recovery.timeout
        return yield unless seconds

        begin
          Timeout.timeout(seconds, &block)
        rescue Timeout::Error => e
          # The block may use Timeout as well.
          raise e if Minigun.monotonic_time - started < seconds

          raise WorkerTimeout.new("the block of stage #{@node.name.inspect} did not finish within #{seconds} s",
                                  seconds: seconds, stage: @node.name)
        end
      end
    end

    # Runs a stage's block in a fresh thread for each item.
    #
    # @api private
    class ThreadPerBatch < Local
      def call(item)
        returned = false
        trace = Trace.current
        threads = OwnThreads.new
        threads.start do
          Trace.within(trace) { super }
          returned = true
        end
        threads.join
        @node.failed(item, Error.new("the block of stage #{@node.name.inspect} ended its thread")) unless returned
      rescue ThreadError => e
        # The system has refused the thread: what the block raises does not come here.
        @node.failed(item, e)
      ensure
        threads&.kill
      end
    end
  end
end
