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

      def publish(kind, payload, item)
        refuse_closed if @closed
        @emitted += 1
        @uplink.emit(kind, payload, item)
      end
    end

    # The same of a block that a {Native::Intake} runs.
    #
    # @api private
    class IntakeScope < ChildScope
      # @param (see ChildScope#initialize)
      # @param emitter [Native::Emitter]
      def initialize(name, context, uplink, emitter)
        super(name, context, uplink)
        @emitter = emitter
      end

      # @return [Integer] emissions so far
      def emitted = @emitter.emitted

      def emit(item) = @emitter.emit(item)

      def emit_to_stage(name, item) = @emitter.emit_to_stage(name, item)
    end
  end
end
