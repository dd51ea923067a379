# frozen_string_literal: true

require_relative "../emission"
require_relative "isolation"

module Minigun
  module Execution
    # May the block of a stage run in Ractors? One answer for all slots of the stage, and one warning when
    # it is no. The answer can become no during the run, when something turns up that could not be seen
    # in the block, but never yes again.
    #
    # @api private
    class RactorGate
      # @param node [Flow::Node]
      def initialize(node)
        @node = node
        @turn = Thread::Mutex.new
      end

      # @return [Boolean]
      def open?
        @turn.synchronize do
          return @open unless @open.nil?

          reason = obstacle
          reason ? close(reason) : @open = true
        end
      end

      # @param reason [String] a sentence
      def shut(reason)
        @turn.synchronize { close(reason) }
      end

      private

      def close(reason)
        @node.warn_once(:ractors, "runs in threads, not in Ractors: #{reason}")
        @open = false
      end

      def obstacle
        return "it has a before or after hook" if @node.work.hooked?
        return "it retries its items or limits their time" unless @node.recovery.plain?
        return "its pace is limited" if @node.throttle
        return "it is no ordinary stage" unless [AtomicStage, AccumulatorStage].include?(@node.stage.class)

        Isolation.unavailable || block_obstacle
      end

      def block_obstacle
        receiver = @node.work.context
        reason = Isolation.obstacle(@node.stage.block, receiver) { |name| emission?(name, receiver) }
        "its block #{reason}" if reason
      end

      # Is it the method of {Emission}, and not one of the user's by the same name?
      def emission?(name, receiver)
        return false unless Emission.method_defined?(name, false)

        method = Kernel.instance_method(:method).bind_call(receiver, name)
        method.source_location == Emission.instance_method(name).source_location
      rescue NameError, TypeError
        false
      end
    end
  end
end
