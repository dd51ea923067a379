# frozen_string_literal: true

require_relative "child_scope"
require_relative "error_record"

module Minigun
  module Execution
    # Works on the elements of a batch one by one, in so many threads of a child, and knows how each ended.
    #
    # @api private
    class ItemThreads
      # Of a stage with retries: what an element emits leaves the child when it has ended well.
      class HeldScope < ChildScope
        # The element has ended well.
        def deliver
          @held&.each { |kind, payload, item| @uplink.emit(kind, payload, item) }
        end

        private

        def publish(kind, payload, item)
          refuse_closed if @closed
          @emitted += 1
          (@held ||= []) << [kind, payload, item]
          nil
        end
      end
      private_constant :HeldScope

      # @return [Boolean] may the child take another item?
      attr_reader :survived

      # @param node [Flow::Node]
      # @param work [Work]
      # @param uplink [Uplink]
      # @param survivable [Array<Class>] errors after which the child can go on
      def initialize(node, work, uplink, survivable)
        @node = node
        @work = work
        @uplink = uplink
        @survivable = survivable
        @pid = Native.pid
        @turn = Thread::Mutex.new
        @survived = true
        @seconds = []
        @failures = []
      end

      # @param items [Array]
      # @param attempt [Integer]
      # @return [Array(Array<Float>, Array)] seconds of each that ended well; of each that failed its index,
      #   an {ErrorRecord} and how many emissions have gone on
      def call(items, attempt)
        queue = Thread::Queue.new
        items.each_index { |index| queue << index }
        # A block may end its thread: the others, or new ones, go on.
        until queue.empty?
          threads = Array.new([@node.item_threads, queue.size].min) { start(queue, items, attempt) }
          threads.each(&:join)
        end
        [@seconds, @failures]
      end

      private

      def start(queue, items, attempt)
        Thread.new do
          Thread.current.report_on_exception = false
          while (index = next_of(queue))
            work_on(index, items[index], attempt)
          end
        end
      end

      def next_of(queue)
        queue.pop(true)
      rescue ThreadError
        nil
      end

      def work_on(index, item, attempt)
        left = true
        scope = (@node.recovery.hold? ? HeldScope : ChildScope).new(@node.name, @work.context, @uplink, attempt)
        seconds = run(scope, item)
        left = false
        @turn.synchronize { @seconds << seconds }
      rescue Exception => e # rubocop:disable Lint/RescueException -- whatever it is, it is this element's outcome
        left = false
        raise if Native.pid != @pid

        failed(index, e, scope)
      ensure
        failed(index, Error.new("the block was left by return, throw or Thread.exit"), scope) if left
      end

      def run(scope, item)
        started = nil
        limited do
          started = Minigun.monotonic_time
          scope.enter { @work.call(item) }
        end
        scope.deliver if @node.recovery.hold?
        Minigun.monotonic_time - started
      end

      def limited(&block)
        @node.throttle ? @node.throttle.pass(&block) : yield
      end

      def failed(index, error, scope)
        emitted = @node.recovery.hold? ? 0 : scope.emitted
        record = ErrorRecord.dump(error)
        @turn.synchronize do
          @failures << [index, record, emitted]
          @survived = false if @survivable.none? { |kind| error.is_a?(kind) }
        end
      end
    end
  end
end
