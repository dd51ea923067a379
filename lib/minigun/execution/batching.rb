# frozen_string_literal: true

require_relative "local"

module Minigun
  module Execution
    # Collects items; hands on a batch when it is full.
    #
    # @api private
    class Batching < Local
      # Arrives when everything upstream has ended: the rest goes on as a partial batch.
      FLUSH = Object.new.freeze

      def call(item)
        return flush if FLUSH.equal?(item)

        started = Minigun.monotonic_time
        scope = LocalScope.new(@node)
        scope.enter { take(item) }
        delegate if @batch
        @node.finished(item, Minigun.monotonic_time - started)
      rescue StandardError => e
        fail_with(item, e, scope)
      end

      # What is left halfway is the batch that the item has filled, or the item.
      def share_of(item)
        batch = @batch
        return { count: batch.size } if batch
        return { count: 0 } if FLUSH.equal?(item)

        withdraw
        {}
      end

      private

      # The hooks are the item's. A batch that is worked on elsewhere is handed over after them: when
      # the last one fails, only its item does.
      def take(item)
        @batch = nil
        @added = false
        @node.work.run_hooks(:before)
        @batch = @node.buffer.add(item)
        @added = true
        release if @batch && !@node.batch_node
        @node.work.run_hooks(:after)
      end

      def fail_with(item, error, scope)
        if @batch && !@node.batch_node
          @node.failed(@batch, error, count: @batch.size, delivered: scope.emitted)
        else
          withdraw
          @node.failed(item, error)
          delegate if @batch&.any?
        end
        @batch = nil
      end

      # An item that has failed does not go on with its batch.
      def withdraw
        return unless @added

        @batch ? @batch.pop : @node.buffer.withdraw
        @added = false
      end

      def flush
        @batch = @node.buffer.take or return
        return delegate if @node.batch_node

        scope = LocalScope.new(@node)
        scope.enter { release }
        settle
      rescue StandardError => e
        @node.failed(@batch, e, count: @batch.size, delivered: scope.emitted)
        @batch = nil
      end

      def delegate
        if @node.batch_node
          @node.hand_to_batch_node(@batch)
          @batch = nil
        else
          settle
        end
      end

      def settle
        @node.batch_finished(@batch.size)
        @batch = nil
      end

      def release
        @node.batch_work ? @node.batch_work.call(@batch) : Scope.current.emit(@batch)
      end
    end
  end
end
