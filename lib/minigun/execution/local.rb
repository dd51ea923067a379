# frozen_string_literal: true

module Minigun
  module Execution
    # Runs a stage's block in the slot's own thread.
    #
    # @api private
    class Local
      # @param node [Flow::Node]
      def initialize(node)
        @node = node
      end

      # @param item [Object]
      # @return [void]
      def call(item)
        started = Minigun.monotonic_time
        LocalScope.new(@node).enter { @node.work.call(item) }
        @node.finished(Minigun.monotonic_time - started)
      rescue StandardError => e
        @node.failed(item, e)
      end

      # Nothing outlives a call.
      def close; end

      # Nothing to give back.
      def abort; end
    end

    # Runs a stage's block in a fresh thread for each item.
    #
    # @api private
    class ThreadPerBatch < Local
      def call(item)
        returned = false
        thread = Thread.new do
          Thread.current.report_on_exception = false
          super
          returned = true
        end
        thread.join
        @node.failed(item, Error.new("the block of stage #{@node.name.inspect} ended its thread")) unless returned
      ensure
        thread&.kill&.join
      end
    end

    # Collects items; hands on a batch when it is full.
    #
    # @api private
    class Batching < Local
      # Arrives when everything upstream has ended: the rest goes on as a partial batch.
      FLUSH = Object.new.freeze

      def call(item)
        return flush if FLUSH.equal?(item)

        batch = nil
        started = Minigun.monotonic_time
        LocalScope.new(@node).enter do
          @node.work.run_hooks(:before)
          batch = @node.buffer.add(item)
          hand_on(batch) if batch
          @node.work.run_hooks(:after)
        end
        @node.finished(Minigun.monotonic_time - started)
      rescue StandardError => e
        batch ? @node.failed(batch, e, count: batch.size) : @node.failed(item, e)
      end

      private

      def flush
        rest = @node.buffer.take
        LocalScope.new(@node).enter { hand_on(rest) } if rest
      rescue StandardError => e
        @node.failed(rest, e, count: rest.size)
      end

      def hand_on(batch)
        if @node.batch_node
          @node.hand_to_batch_node(batch)
        elsif @node.batch_work
          @node.batch_work.call(batch)
        else
          Scope.current.emit(batch)
        end
      end
    end
  end
end
