# frozen_string_literal: true

require_relative "local"

module Minigun
  module Execution
    # Collects items; hands on the batches that are to leave.
    #
    # The hooks are the item's. A batch that is worked on elsewhere is handed over after them: when one
    # fails, the item is taken out of its batch. A batch that is worked on here is so between them, and
    # has an outcome of its own, unless the item is in it: then that one counts when the hooks are over.
    #
    # @api private
    class Batching < Local
      # Arrives when everything upstream has ended: all batches leave.
      FLUSH = Object.new.freeze
      # Arrives when a batch has waited long enough.
      DUE = Object.new.freeze

      # @param item [Object]
      # @return [Boolean] is it none of the user's items?
      def self.signal?(item) = FLUSH.equal?(item) || DUE.equal?(item)

      # @param node [Flow::Node]
      def initialize(node)
        super
        @buffer = node.buffer
        @waits = !@buffer.rules.max_wait.nil?
        # Neither rules nor hooks, nor anything that follows items, have a say in where one goes.
        @plain = @buffer.rules.size_only? && !node.work.hooked? && !node.traced?
      end

      def streams? = @plain

      # Gathers items that nobody but their number has a say in.
      #
      # @param gatherer [Native::Gatherer]
      # @return [void]
      def drain(gatherer)
        while (item = next_of(gatherer)) || !gatherer.over?
          FLUSH.equal?(item) ? finish : fill(item)
          hand_over if @node.batch_node
          gatherer.drop
        end
      end

      def call(item)
        Batching.signal?(item) ? obey(item) : gather(item)
        hand_over if @node.batch_node
      end

      # What is left halfway is the batch that is worked on, or else the item. What else is to leave
      # stays in the buffer, which the next slot goes on with.
      def share_of(item)
        return { count: @batch.size } if @batch
        return { count: 0 } if Batching.signal?(item)

        withdraw
        {}
      end

      private

      def obey(signal)
        @home = @batch = nil
        if FLUSH.equal?(signal)
          @buffer.close
        else
          @alarm_set = false
          @buffer.close_due
          set_alarm
        end
        LocalScope.for(@node).enter { release_all } unless @node.batch_node
      end

      # The batch is known here before the item that fills it is taken.
      def next_of(gatherer)
        @home = @buffer.filling
        @batch = nil
        gatherer.gather(@home.items, @buffer.rules.max_size)
      end

      # The run may have been stopped early.
      def finish = @node.discarding? ? @node.forget_batches : obey(FLUSH)

      # The item is the one that was missing.
      def fill(item)
        conclude(item) do
          @buffer.close
          @node.batch_node || (@node.batch_work ? LocalScope.for(@node).enter { go_on } : go_on)
        end
      end

      def gather(item)
        @home = @batch = nil
        conclude(item) { LocalScope.for(@node).enter { take(item) } }
      end

      def conclude(item)
        started = Minigun.monotonic_time
        @gone = false
        fine = yield
        @node.finished(item, Minigun.monotonic_time - started) if fine
      rescue StandardError => e
        withdraw
        @node.failed(item, e, delivered: @gone ? 1 : 0)
      end

      # @return [Boolean] false when the item has failed with its batch
      def take(item)
        @node.work.run_hooks(:before)
        @home = @buffer.add(item, @node.work.context)
        duplicate = @home.nil?
        @node.gathered(@home) unless duplicate
        set_alarm if @waits
        go_on(duplicate: duplicate)
      end

      # What is left to be done for an item that is in its batch, or in none.
      #
      # @return [Boolean] false when the item has failed with its batch
      def go_on(duplicate: false)
        return false unless @node.batch_node || release_all

        @node.work.run_hooks(:after)
        @node.batch_finished(1) if duplicate || @gone
        true
      end

      # @return [Boolean] false when the item was in a batch that has failed
      def release_all
        kept = true
        while (@batch = @buffer.take)
          at_home = @batch.equal?(@home)
          @home = nil if at_home
          kept = false unless @node.releasing(@batch) { release(@batch, at_home) } || !at_home
        end
        kept
      end

      def release(batch, at_home)
        scope = Scope.current
        emitted = scope&.emitted
        pass_on(batch.items, scope)
        @gone = at_home
        @node.batch_finished(at_home ? batch.size - 1 : batch.size)
        true
      rescue StandardError => e
        @node.failed(batch.items, e, count: batch.size, delivered: scope ? scope.emitted - emitted : 1)
        false
      end

      # Where no code of the user's has run there is no scope, and nothing that one would have to refuse.
      def pass_on(items, scope)
        return @node.batch_work.call(items) if @node.batch_work

        scope ? scope.emit(items) : @node.route(items)
      end

      # An item that has failed does not go on with its batch.
      def withdraw
        return unless @home

        @buffer.withdraw(@home)
        @node.withdrawn(@home)
        @home = nil
      end

      def hand_over
        @node.releasing(@batch) { @node.hand_to_batch_node(@batch.items) } while (@batch = @buffer.take)
      end

      def set_alarm
        return if @alarm_set || (due = @buffer.next_due).nil?

        @alarm_set = true
        @node.wake_at(due)
      end
    end
  end
end
