# frozen_string_literal: true

module Bench
  # Fork, pipe and a serializer, as one writes them by hand. Children leave with `exit!`.
  module Pipes
    # Bytes gathered before they are written.
    BUFFER = 128 << 10
    BATCH = 500

    # Of Marshal: one object for each value written.
    module ByMarshal
      module_function

      def write(io, value) = Marshal.dump(value, io)

      def each(io)
        yield Marshal.load(io) until io.eof? # rubocop:disable Security/MarshalLoad -- from a child of our own
      end
    end

    module_function

    # A child that writes; the block runs in it.
    # @return [Array(IO, Integer)] what to read from, and its pid
    def child(&block)
      reader, writer = IO.pipe.each(&:binmode)
      pid = fork do
        reader.close
        block.call(writer)
        writer.close
        exit!(0)
      end
      writer.close
      [reader, pid]
    end

    def finish(reader, pid)
      reader.close
      Process.wait(pid)
    end

    # Values one by one, gathered in a buffer of 128 KB.
    def message_pack(count, make)
      reader, pid = child do |io|
        packer = MessagePack::Packer.new
        count.times do |number|
          packer.write(make.call(number))
          gather(packer, io)
        end
        io.write(packer.to_s)
      end
      MessagePack::Unpacker.new(reader, symbolize_keys: true).each { |value| yield value }
      finish(reader, pid)
    end

    # The buffer of a Packer can be asked for its size only every so often without being slower for it.
    def gather(packer, io)
      return if packer.buffer.size < BUFFER

      io.write(packer.to_s)
      packer.reset
    end

    # Values in Arrays of 500.
    def marshal_batches(count, make, batch: BATCH)
      reader, pid = child do |io|
        0.step(count - 1, batch) do |first|
          ByMarshal.write(io, Array.new([batch, count - first].min) { |index| make.call(first + index) })
        end
      end
      ByMarshal.each(reader) { |values| values.each { |value| yield value } }
      finish(reader, pid)
    end

    # Values one by one, each written to the pipe as it comes.
    def marshal_each(count, make)
      reader, pid = child do |io|
        io.sync = true
        count.times { |number| ByMarshal.write(io, make.call(number)) }
      end
      ByMarshal.each(reader) { |value| yield value }
      finish(reader, pid)
    end
  end
end
