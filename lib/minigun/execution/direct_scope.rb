# frozen_string_literal: true

require_relative "local_scope"

module Minigun
  module Execution
    # The scope of a block that runs in the parent and whose emissions need nothing but to be handed over
    # (see {Flow::Deliveries#direct?}).
    #
    # @api private
    class DirectScope < LocalScope
      # @param node [Flow::Node]
      # @param attempt [Integer]
      # @param emitter [Native::Emitter]
      def initialize(node, attempt = 1, emitter: Native::Emitter.new(node))
        super(node, attempt)
        @emitter = emitter
      end

      # @return [Integer] emissions so far
      def emitted = @emitter.emitted

      # Runs the block, and then refuses emissions.
      # @return [Object] the block's value
      def enter
        super
      ensure
        @emitter.close
      end

      def emit(item) = @emitter.emit(item)

      def emit_to_stage(name, item) = @emitter.emit_to_stage(name, item)

      private

      def carrier
        super.tap { |carrier| carrier.emitter = @emitter }
      end
    end
  end
end
