# frozen_string_literal: true

# How fast is the ring, in C, without Ruby? See ring.c and copies.c.

require_relative "support/bench"
require_relative "support/native"

CORE = %w[ring.c ring_reader.c ring_writer.c checksum.c checksum_wide.c eventcount.c].freeze
RING = Bench::Native.program("ring", *CORE)
COPIES = Bench::Native.program("copies", "eventcount.c")

def run(program, mode, bytes, records, take)
  output = IO.popen([program, mode, bytes.to_s, records.to_s], &:read)
  nanoseconds, count, checksum = output.split
  take.value = Float(nanoseconds) * 1e-9
  take.arrived(Integer(count), Integer(checksum))
end

def row(name, bytes, records)
  Bench.row(name) do |row|
    row.limit("memcpy in and out, one thread") { |take| run(COPIES, "memcpy", bytes, records, take) }
    row.limit("memcpy in and out, two processes") { |take| run(COPIES, "cross", bytes, records, take) }
    row.ours("ring, two processes") { |take| run(RING, "pair", bytes, records, take) }
    row.ours("ring, one thread") { |take| run(RING, "alone", bytes, records, take) }
    row.peer("pipe, two processes") { |take| run(COPIES, "pipe", bytes, records, take) }
    # What is sent has the numbers from 0 on.
    row.source { |&sink| records.times { |number| sink.call(number) } }
    row.digest { |number| number ^ (number << 1) }
    yield row
  end
end

Bench.question "The ring against memcpy and a pipe; time a record"

row("Records of 64 KB", 64 << 10, Bench.scale(20_000)) do |row|
  row.at_most(2, "memcpy in and out, one thread")
  row.at_most(2, "memcpy in and out, two processes")
  row.faster(4, "pipe, two processes")
end

row("Records of 64 B, each published", 64, Bench.scale(1_000_000)) do |row|
  row.faster(15, "pipe, two processes")
end
