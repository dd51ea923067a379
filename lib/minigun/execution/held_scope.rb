# frozen_string_literal: true

require_relative "local_scope"

module Minigun
  module Execution
    # The scope of an attempt in the parent whose emissions go on only when it has ended well.
    #
    # @api private
    class HeldScope < LocalScope
      # @param (see LocalScope#initialize)
      def initialize(node, attempt = 1)
        super
        @held = []
      end

      def emit(item)
        hold { @node.route(item) }
      end

      def emit_to_stage(name, item)
        hold { @node.route_to(name, item) }
      end

      # The attempt has ended well.
      def deliver
        @held.each(&:call)
      end

      private

      def hold(&delivery)
        refuse_foreign if @node.foreign?
        ensure_open
        @emitted += 1
        @held << delivery
        nil
      end
    end
  end
end
