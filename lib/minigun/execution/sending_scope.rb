# frozen_string_literal: true

require_relative "../scope"
require_relative "record"

module Minigun
  module Execution
    # The scope of a block that runs where the run is not: emissions travel to the slot, which routes
    # them while the block goes on. How they travel is the affair of `publish`.
    #
    # @api private
    # @abstract
    class SendingScope < Scope
      # @return [Integer] emissions so far
      attr_reader :emitted

      # @param (see Scope#initialize)
      def initialize(...)
        super
        @emitted = 0
      end

      # @param item [Object]
      def emit(item)
        publish(Record::EMIT, item, item)
      end

      # @param name [Symbol]
      # @param item [Object]
      def emit_to_stage(name, item)
        publish(Record::EMIT_TO, [name, item], item)
      end
    end
  end
end
