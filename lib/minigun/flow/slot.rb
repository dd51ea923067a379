# frozen_string_literal: true

module Minigun
  class Flow
    # A thread of the parent that takes a node's items one after another and gets the stage's block
    # run for each.
    #
    # @api private
    class Slot
      def initialize(node, flow)
        @node = node
        @flow = flow
        @begun = @done = @ended = false
      end

      # @return [self]
      # @raise [ThreadError] when the system refuses
      def start
        @thread = SystemLimits.named { Thread.new { main } }
        self
      end

      # @return [Boolean] has everything of this slot ended, its child included?
      def ended? = @ended

      # A thread that is ended before it has begun runs nothing, not even its cleaning up.
      #
      # @return [Boolean]
      def begun? = @begun

      # Ends the thread wherever it is; it cleans up on its way out.
      def kill = @thread&.kill

      # @return [Boolean] is it the caller's own thread?
      def current? = Thread.current.equal?(@thread)

      # @return [Boolean] did the thread end in time?
      def join(seconds) = !@thread&.join(seconds).nil?

      private

      def main
        @thread = Thread.current
        @begun = true
        # The creator's group may carry the scope of a running block, which is not ours.
        ThreadGroup::Default.add(Thread.current)
        Thread.current.report_on_exception = false
        Thread.current.name = "minigun:#{@node.name}"
        work_off
      rescue Exception => e # rubocop:disable Lint/RescueException -- handed to the thread that called `run`
        raise if @node.foreign?

        @done = true
        @flow.fatal(e)
      ensure
        # Without a condition: a thread that is killed while one is looked at would not clean up.
        finish
      end

      def work_off
        @executor = @node.new_executor
        @node.arrived
        @executor.streams? ? stream : one_by_one
        @done = true
        @executor.close
      end

      def one_by_one
        until Inbox::CLOSED.equal?(item = @node.pop)
          handle(item)
        end
      end

      # As one_by_one, with less for each item. What is no StandardError leaves the stream halfway.
      def stream
        @stream = @executor.stream
        @executor.drain(@stream)
        ended = true
        come_back if @node.foreign?
      rescue Exception => e # rubocop:disable Lint/RescueException -- reported before the count may reach zero
        ended = true
        under_way { |item| give_up(item, e) } unless @node.foreign?
        raise
      ensure
        begin
          under_way { |item| fail_left(item) } unless ended || left_alone?
        ensure
          under_way { nil }
        end
      end

      # Each item of the stream that has no outcome gets one by the block.
      def under_way
        while @stream&.busy?
          yield @stream.leave
          @stream.drop
        end
      end

      def handle(item)
        return handled = pass_over(item) if @node.discarding?

        @node.accepted unless Execution::Batching.signal?(item)
        @executor.call(item)
        handled = true
        come_back if @node.foreign?
      rescue Exception => e # rubocop:disable Lint/RescueException -- reported before the count may reach zero
        handled = true
        give_up(item, e) unless @node.foreign?
        raise
      ensure
        fail_left(item) unless handled || left_alone?
        give_back
      end

      # The run was stopped early: nobody wants the item any more, nor what was gathered before it.
      def pass_over(item)
        @node.forget_batches if Execution::Batching::FLUSH.equal?(item)
        true
      end

      # The item has its outcome.
      def give_back = @flow.in_flight.lower_by(1)

      # Not a StandardError: it ends the run, and the item has failed.
      def give_up(item, error)
        @node.failed(item, error, **@executor.share_of(item))
      ensure
        @flow.fatal(error)
      end

      # A process that the block has forked without a block of its own, and that has not left. Here it
      # would work on items that are not its own.
      def come_back
        warn "minigun: a process forked in a block of stage #{@node.name.inspect} came back from it; it ends here"
        exit!(1)
      end

      def left_alone? = @flow.aborting? || @node.foreign?

      # The thread is being ended, by the user's block or from outside.
      def fail_left(item)
        error = Error.new("the block of stage #{@node.name.inspect} ended its thread")
        @node.failed(item, error, **@executor.share_of(item))
      end

      # A thread that was ended before its work leaves what waits, and will still come, to another one.
      def be_replaced
        @node.replace(self) unless @done || left_alone?
      rescue ThreadError => e
        @flow.fatal(e)
      end

      def finish
        @executor&.abort
      ensure
        begin
          be_replaced
        ensure
          @ended = true
          @flow.slot_ended
        end
      end
    end

    # The thread of a producer: one run of the block.
    #
    # @api private
    class ProducerSlot < Slot
      # Ruby gives each thread a share of the clock that all threads have in common, so it may end
      # right inside a short producer and let the stages it feeds run between its block and its
      # `after` hook. With this priority the first share to end is not the producer's last.
      PRIORITY = 1
      private_constant :PRIORITY

      # Ends the producer early. A child is asked to end, and what it has emitted still comes home;
      # a block in the parent is ended where it stands.
      def stop
        kill unless @executor.respond_to?(:stop) && @executor.stop
      end

      private

      # Its block is not run again.
      def be_replaced; end

      def work_off
        Thread.current.priority = PRIORITY
        @node.stats.start!
        return if @flow.stopping?

        @executor = @node.new_executor
        @executor.call(nil)
      end

      # Every way out of the thread leads through here, also when it was ended on its first steps.
      # The unit in flight goes back last, whatever happens: `after_producer` hooks must be over, and
      # what was raised must have been told, before the run can end.
      def finish
        @node.stats.finish!
        @executor&.close
        @flow.producer_ended(@node)
      rescue Exception => e # rubocop:disable Lint/RescueException -- handed to the thread that called `run`
        @flow.fatal(e)
      ensure
        begin
          super
        ensure
          @flow.in_flight.lower_by(1)
        end
      end
    end
  end
end
