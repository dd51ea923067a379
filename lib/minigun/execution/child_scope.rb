# frozen_string_literal: true

require_relative "sending_scope"

module Minigun
  module Execution
    # The scope of a block that runs in a child.
    #
    # @api private
    class ChildScope < SendingScope
      # @param name [Symbol] the stage
      # @param context [Object] the user's instance
      # @param uplink [Uplink]
      # @param attempt [Integer]
      def initialize(name, context, uplink, attempt = 1)
        super(name, context, attempt)
        @uplink = uplink
      end

      # @see Scope#stop!
      def stop!(*value)
        Scope.one_value(value)
        @uplink.write(Record::STOP, 0, value)
        nil
      end

      private

      # An item that cannot travel is reported and costs nothing but itself: in a thread `emit` does
      # not raise either, and the rest of the batch is worth having.
      def publish(kind, payload, item)
        refuse_closed if @closed
        @emitted += 1
        send_on(kind, payload, item)
      end

      def send_on(kind, payload, item)
        @uplink.write(kind, 0, payload)
        nil
      rescue SerializationError => e
        @uplink.write(Record::LOST, 0, [Failure.describe(item), ErrorRecord.dump(e)])
        nil
      end
    end
  end
end
