# frozen_string_literal: true

require "io/wait"

module Minigun
  module Execution
    # Records on a pipe between a Ractor and its slot: a kind (see {Record}), a length, a payload.
    #
    # @api private
    class RactorWire
      HEADER = "CQ>"
      HEADER_BYTES = 9
      private_constant :HEADER, :HEADER_BYTES

      # @param io [IO]
      def initialize(io)
        @io = io
        @io.binmode
        @io.sync = true
        @turn = Thread::Mutex.new
      end

      # Waits for room, which is the back-pressure, then writes all of the record: what interrupts the
      # writer in between (a Timeout of the user's block) must not leave half of one.
      #
      # @param kind [Integer]
      # @param payload [String]
      # @yield just before the record is written, while nobody else writes; may raise
      def write(kind, payload)
        record = [kind, payload.bytesize].pack(HEADER) << payload
        @turn.synchronize do
          @io.wait_writable
          Thread.handle_interrupt(Object => :never) do
            yield if block_given?
            @io.write(record)
          end
        end
        nil
      end

      # @return [Array(Integer, String), nil] kind and payload; nil at the end of the pipe
      def read
        header = @io.read(HEADER_BYTES)
        return if header.nil? || header.bytesize < HEADER_BYTES

        kind, size = header.unpack(HEADER)
        payload = @io.read(size)
        [kind, payload] if payload && payload.bytesize == size
      end

      # No more records.
      def close = @io.close
    end
  end
end
