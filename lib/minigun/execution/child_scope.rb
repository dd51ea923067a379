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
        @emitter = nil
      end

      # From now on emissions take a shorter way.
      #
      # @param emitter [Native::Emitter] of the same block
      # @return [self]
      def hasten(emitter)
        @emitter = emitter
        @carrier&.emitter = emitter
        self
      end

      # @return [Integer] emissions so far
      def emitted = @emitter ? @emitter.emitted : super

      # Runs the block, and then refuses emissions.
      # @return [Object] the block's value
      def enter
        super
      ensure
        @emitter&.close
      end

      # @see SendingScope#emit
      def emit(item) = @emitter ? @emitter.emit(item) : super

      # @see SendingScope#emit_to_stage
      def emit_to_stage(name, item) = @emitter ? @emitter.emit_to_stage(name, item) : super

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
  end
end
