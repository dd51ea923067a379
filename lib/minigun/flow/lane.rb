# frozen_string_literal: true

require "delegate"
require_relative "inbox"
require_relative "node"
require_relative "sequence"

module Minigun
  class Flow
    # A node as one slot of an ordered stage sees it: what the slot's item emits goes on when its turn has
    # come (see {Sequence}).
    #
    # @api private
    class Lane < DelegateClass(Node)
      # @param node [Node]
      # @param sequence [Sequence]
      def initialize(node, sequence)
        super(node)
        @sequence = sequence
        @door = sequence.door(node)
        @entry = nil
      end

      # @see Node#new_executor
      def new_executor = __getobj__.new_executor(self)

      # The item before is over with that.
      #
      # @see Node#pop
      def pop
        leave
        item, @entry = @sequence.take(@door) { __getobj__.pop }
        item
      end

      # @see Node#replace
      def replace(slot)
        leave
        __getobj__.replace(slot)
      end

      # @see Deliveries#route
      def route(item, scope = nil)
        in_turn(scope) { |open| __getobj__.route(item, open) }
      end

      # @see Deliveries#route_to
      def route_to(name, item, scope = nil)
        in_turn(scope) { |open| __getobj__.route_to(name, item, open) }
      end

      # @see Node#congested?
      def congested? = !@sequence.first?(@entry) || super

      private

      # What is held back is known to have been in time.
      def in_turn(scope, &delivery)
        scope&.ensure_open
        delivery = __getobj__.held(delivery, scope)
        held = @entry && @sequence.submit(@entry, delivery)
        delivery.call(scope) unless held
        nil
      end

      def leave
        entry = @entry
        @entry = nil
        @sequence.finish(entry) if entry
      end
    end
  end
end
