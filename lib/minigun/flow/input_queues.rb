# frozen_string_literal: true

require_relative "../own_threads"

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
        readers = OwnThreads.new
        others.each { |queue| readers.start { read(queue) } }
        read(last)
        readers.join
      ensure
        readers&.kill
      end

      private

      def read(queue)
        until :END_OF_QUEUE.equal?(item = queue.pop)
          Scope.current.emit(item)
        end
      end
    end
  end
end
