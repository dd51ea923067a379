# frozen_string_literal: true

require_relative "../emission"
require_relative "sending_scope"

module Minigun
  module Execution
    # The scope of a block that runs in a Ractor.
    #
    # @api private
    class RactorScope < SendingScope
      # Ends a block that wants to emit what no Ractor can give away. Not a StandardError: a block that
      # rescues those has not seen it coming.
      class Unsendable < Exception # rubocop:disable Lint/InheritException
      end

      # Self of the block.
      class StandIn
        include Emission
      end

      # @param name [Symbol] the stage
      # @param wire [RactorWire]
      def initialize(name, wire)
        super(name)
        @wire = wire
      end

      private

      # As long as nothing was emitted the item can be worked on again elsewhere; later, what cannot
      # travel is reported and costs nothing but itself.
      def publish(kind, payload, item)
        bytes = RactorScope.dump(payload)
        return send_on(kind, bytes) if bytes
        raise Unsendable, "emits what cannot leave a Ractor: #{Failure.describe(item)}" if @emitted.zero?

        error = SerializationError.new("#{item.class} cannot leave a Ractor")
        send_on(Record::LOST, Marshal.dump([Failure.describe(item), ErrorRecord.dump(error)]))
      end

      def send_on(kind, bytes)
        @wire.write(kind, bytes) do
          refuse_closed if @closed
          @emitted += 1
        end
      end

      class << self
        # @return [String, nil] the bytes of a value; nil when it has none
        def dump(value)
          Marshal.dump(value)
        rescue StandardError
          nil
        end
      end
    end
  end
end
