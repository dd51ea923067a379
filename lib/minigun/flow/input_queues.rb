# frozen_string_literal: true

module Minigun
  class Flow
    # The producer that takes items from a pipeline's input queues: all at once, each until its
    # `:END_OF_QUEUE`.
    #
    # @api private
    class InputQueues
      # @param queues [Array<#pop>]
      def initialize(queues)
        @queues = queues.dup
      end

      # @return [Proc] a producer's block
      def to_proc
        reader = self
        proc { reader.call }
      end

      # Emits what comes; returns when all queues have ended. The readers end with it, however it ends.
      def call
        *others, last = @queues
        readers = others.map { |queue| Thread.new { read_aside(queue) } }
        read(last)
        readers.each(&:join)
      ensure
        readers&.each(&:kill)
      end

      private

      # What goes wrong there is raised where the thread is joined.
      def read_aside(queue)
        Thread.current.report_on_exception = false
        read(queue)
      end

      def read(queue)
        until :END_OF_QUEUE.equal?(item = queue.pop)
          Scope.current.emit(item)
        end
      end
    end
  end
end
