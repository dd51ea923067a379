# frozen_string_literal: true

# What does it cost to keep in an Array of the parent what two children make?

require_relative "support/bench"
require_relative "support/pipes"
require_relative "support/records"

COUNT = Bench.scale(200_000)
BATCH = 1000
BATCHES = 0.step(COUNT - 1, BATCH).map { |first| first...[first + BATCH, COUNT].min }.freeze
MAKE = Bench::Records.method(:hash)

# Children append to an Array of the instance.
class Keeping
  include Minigun::DSL

  attr_reader :results

  def initialize = @results = []

  pipeline do
    producer(:ranges) { BATCHES.each { |range| emit range } }
    processes(2) do
      consumer(:make) { |range| range.each { |number| @results << MAKE.call(number) } }
    end
  end
end

# Two children with a pipe each; each makes its half.
def by_hand
  halves = BATCHES.each_slice((BATCHES.size / 2.0).ceil).to_a
  children = halves.map do |ranges|
    Bench::Pipes.child do |io|
      packer = MessagePack::Packer.new
      ranges.each do |range|
        packer.write(range.map { |number| MAKE.call(number) })
        Bench::Pipes.gather(packer, io)
      end
      io.write(packer.to_s)
    end
  end
  collect(children)
end

def collect(children)
  results = children.map { [] }
  readers = children.zip(results).map do |(reader, pid), list|
    Thread.new do
      MessagePack::Unpacker.new(reader, symbolize_keys: true).each { |batch| list.concat(batch) }
      Bench::Pipes.finish(reader, pid)
    end
  end
  readers.each(&:join)
  results.flatten(1)
end

Bench.question "Keeping in the parent what children have made"

Bench.row("#{COUNT} Hashes from 2 children in an Array", per: COUNT) do |row|
  row.source { |&sink| COUNT.times { |number| sink.call(MAKE.call(number)) } }
  row.weigh { |hash| hash[:id] }
  keep = ->(take, &block) { take.concat(take.time(&block)) }
  row.limit("made in the parent") { |take| keep.call(take) { Array.new(COUNT) { |number| MAKE.call(number) } } }
  row.ours { |take| keep.call(take) { Keeping.new.tap(&:run).results } }
  row.peer("MessagePack by hand") { |take| keep.call(take) { by_hand } } if Bench.gem?("msgpack")
  if Bench.gem?("parallel")
    row.peer("Parallel over batches of 1000") do |take|
      keep.call(take) do
        Parallel.flat_map(BATCHES, in_processes: 2) { |range| range.map { |number| MAKE.call(number) } }
      end
    end
  end
  row.at_most(1.5, "made in the parent")
  row.at_most(1, "MessagePack by hand")
  row.faster(1.7, "Parallel over batches of 1000")
end
