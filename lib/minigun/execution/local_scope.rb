# frozen_string_literal: true

module Minigun
  module Execution
    # The scope of a block that runs in the parent: emissions are routed at once.
    #
    # @api private
    class LocalScope < Scope
      # @param node [Flow::Node]
      # @param attempt [Integer]
      # @return [LocalScope]
      def self.for(node, attempt = 1) = (node.direct? ? DirectScope : self).new(node, attempt)

      # @return [Integer] emissions so far
      attr_reader :emitted

      # @param node [Flow::Node]
      # @param attempt [Integer]
      def initialize(node, attempt = 1)
        super(node.name, node.work.context, attempt)
        @node = node
        @emitted = 0
      end

      def emit(item)
        refuse_foreign if @node.foreign?
        @emitted += 1
        @node.route(item, self)
        nil
      end

      def emit_to_stage(name, item)
        refuse_foreign if @node.foreign?
        @emitted += 1
        @node.route_to(name, item, self)
        nil
      end

      # @see Scope#stop!
      def stop!(*value)
        refuse_foreign if @node.foreign?
        Scope.one_value(value)
        @node.stop!(value)
        nil
      end

      # To be asked only after the emission was counted as in flight: as long as the block runs, its
      # own unit keeps the count above zero, so an emission that finds the scope open cannot be late.
      #
      # @raise [Error] when the block has returned
      def ensure_open
        refuse_closed if @closed
      end

      private

      def refuse_foreign
        raise Error, "emit called in a process that the block of stage #{stage_name.inspect} has forked itself"
      end
    end
  end
end
