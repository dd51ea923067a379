# frozen_string_literal: true

module Minigun
  module Execution
    # The child's end of the wire. The ring has one writer; threads that the user starts inside a
    # block may emit as well, so writes take turns.
    #
    # @api private
    class Uplink
      # @return [Native::Child]
      attr_reader :channel
      # @return [Thread::Mutex]
      attr_reader :turn

      # @param channel [Native::Child] which has its child role when this is used
      def initialize(channel)
        @channel = channel
        @turn = Thread::Mutex.new
      end

      # @see Native::Child#write
      def write(kind, aux, object)
        @turn.synchronize { @channel.write(kind, aux, object) }
      end

      # Sends an emission. An item that cannot travel is reported and costs nothing but itself: in a
      # thread `emit` does not raise either, and the rest of the batch is worth having.
      #
      # @param kind [Integer] EMIT or EMIT_TO
      # @param payload [Object]
      # @param item [Object]
      # @return [nil]
      def emit(kind, payload, item)
        write(kind, 0, payload)
        nil
      rescue SerializationError => e
        write(Record::LOST, 0, [Failure.describe(item), ErrorRecord.dump(e)])
        nil
      end

      # @return [Array(Integer, Integer, Object), nil] the next record from the parent
      def read = @channel.read

      # @see Native::Child#start_item
      def start_item(sequence) = @channel.start_item(sequence)

      # @see Native::Child#finish_item
      def finish_item(sequence, success) = @channel.finish_item(sequence, success)

      # @see Native::Child#finish
      def finish = @turn.synchronize { @channel.finish }
    end
  end
end
