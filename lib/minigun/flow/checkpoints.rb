# frozen_string_literal: true

require_relative "cursor"
require_relative "progress"

module Minigun
  class Flow
    # Follows each item of the producers to the end of all that becomes of it, and tells the `checkpoint`
    # blocks how far everything is finished.
    #
    # 1. An item is finished when it, and everything that was emitted because of it, was processed or has
    #    failed; in a batch, when the batch is finished. What a block keeps for later is not known here.
    # 2. An item that was not delivered to all stages, or ended the run, is never finished.
    # 3. Blocks are called one at a time, in any of the run's threads, with what has grown since the last call.
    #
    # @api private
    class Checkpoints
      # One `checkpoint` of a definition.
      Mark = Struct.new(:every, :block, :told, :failed)
      private_constant :Mark

      # @param context [Object] the user's instance
      # @param marks [Array<Array(Integer, Proc)>]
      # @param producers [Array<Symbol>] names
      # @param resume_from [Integer, Hash, nil]
      # @raise [ArgumentError] for a cursor that does not fit
      def initialize(context, marks, producers, resume_from)
        @context = context
        start = Cursor.positions(resume_from, producers.uniq)
        @progress = start.transform_values { |position| Progress.new(position) }
        @marks = marks.map { |every, block| Mark.new(every, block, start.values.sum) }
        @turn = Thread::Mutex.new
        @calling = Thread::Mutex.new
        @stopped = false
      end

      # @param name [Symbol] the producer that emits an item
      # @return [Trace, nil] nil when it was finished in an earlier run
      def open(name)
        progress = @progress.fetch(name)
        @turn.synchronize do
          position = progress.advance
          position && Execution::Trace.new(progress: progress, position: position)
        end
      end

      # @param origins [Array<Trace>] has a unit of each
      # @return [Trace] of a batch
      def join(origins) = Execution::Trace.new(origins: origins)

      # @param trace [Trace] gets one more unit
      def add(trace) = @turn.synchronize { trace.units += 1 }

      # @param trace [Trace] one of its units is given back
      def release(trace)
        tell if @turn.synchronize { settle(trace) }
      end

      # Nothing counts any more.
      def stop = @stopped = true

      # The run has ended well. What has grown since the last call is told.
      def finish
        @calling.synchronize { @marks.each { |mark| call(mark, mark.failed ? 0 : 1) } }
      end

      private

      # @return [Boolean] has a cursor moved?
      def settle(trace)
        return false if @stopped

        moved = false
        pending = [trace]
        while (trace = pending.pop)
          next unless (trace.units -= 1).zero?

          pending.concat(trace.origins)
          moved = true if trace.progress&.finish(trace.position)
        end
        moved
      end

      # Who finds another thread at it leaves the call to the next item.
      def tell
        return unless @marks.any? { |mark| due?(mark, mark.every) } && @calling.try_lock

        begin
          @marks.each { |mark| call(mark, mark.every) }
        ensure
          @calling.unlock
        end
      end

      def due?(mark, least) = sum - mark.told >= least

      def sum = @progress.each_value.sum(&:cursor)

      def call(mark, least)
        return unless due?(mark, least)

        told, positions = @turn.synchronize { [sum, @progress.transform_values(&:cursor)] }
        mark.told = told
        mark.failed = true
        @context.instance_exec(positions.size == 1 ? told : positions, &mark.block)
        mark.failed = false
      rescue StandardError => e
        Minigun.logger.error("checkpoint block failed at #{told}: #{e.message} (#{e.class})")
      end
    end
  end
end
