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
        scope = LocalScope.new(@node)
        scope.enter { @node.work.call(item) }
        @node.finished(item, Minigun.monotonic_time - started)
      rescue StandardError => e
        @node.failed(item, e, delivered: scope.emitted)
      end

      # @return [Hash] what {Flow::Node#failed} is to be told when the thread is left halfway
      def share_of(_item) = {}

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
  end
end
