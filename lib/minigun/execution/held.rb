# frozen_string_literal: true

require "securerandom"
require "stringio"
require "tmpdir"

module Minigun
  module Execution
    # Emissions of one attempt in a child, held back until it has ended well: encoded, in memory up
    # to {LIMIT} bytes and beyond that in a file without a name.
    #
    # @api private
    class Held
      # Bytes kept in memory.
      LIMIT = 1 << 20
      # Stands where an entry is that cannot be encoded again; it is kept as it is.
      KEPT = 0xffff_ffff
      HEADER = "N"
      HEADER_SIZE = 4
      private_constant :KEPT, :HEADER, :HEADER_SIZE

      def initialize
        @buffer = String.new(encoding: Encoding::BINARY)
        @kept = []
      end

      # @param kind [Integer] a {Record}
      # @param object [Object]
      # @raise [SystemCallError] when there is no room for a file
      def add(kind, object)
        bytes = encode(kind, object)
        @buffer << [bytes&.bytesize || KEPT].pack(HEADER)
        bytes ? @buffer << bytes : @kept << [kind, object]
        spill if @buffer.bytesize > LIMIT
      end

      # Yields what is held, in order, and forgets it.
      #
      # @yieldparam kind [Integer]
      # @yieldparam object [Object]
      def each(&block)
        if @spilled
          @file.rewind
          read_from(@file, &block)
        end
        read_from(StringIO.new(@buffer), &block)
      ensure
        clear
      end

      # Forgets what is held.
      def clear
        @buffer.clear
        @kept.clear
        return unless @spilled

        @file.truncate(0)
        @file.rewind
        @spilled = false
      end

      # Gives the file back.
      def close = @file&.close

      private

      def encode(kind, object)
        Native.dump([kind, object])
      rescue SerializationError
        nil
      end

      def spill
        @file ||= nameless_file
        # What a full disk has refused must not be tried again by whatever flushes next.
        @file.sync = true
        @spilled = true
        @file.write(@buffer)
        @buffer.clear
      rescue SystemCallError => e
        raise e.class, "emissions are held back in a file in #{Dir.tmpdir}"
      end

      # No process that dies halfway leaves it behind.
      def nameless_file
        open_file(Dir.tmpdir, File::TMPFILE)
      rescue SystemCallError, NameError
        path = File.join(Dir.tmpdir, "minigun-#{SecureRandom.hex(8)}")
        open_file(path, File::CREAT | File::EXCL).tap { File.unlink(path) }
      end

      def open_file(path, flags)
        File.new(path, File::RDWR | File::BINARY | flags, 0o600)
      end

      def read_from(io)
        while (header = io.read(HEADER_SIZE))
          size = header.unpack1(HEADER)
          yield(*(size == KEPT ? @kept.shift : Native.load(io.read(size))))
        end
      end
    end
  end
end
