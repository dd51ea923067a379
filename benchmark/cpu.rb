# frozen_string_literal: true

# How much faster is work that needs a processor, on two of them?

require_relative "support/bench"
require_relative "support/pipes"

ITEMS = 16
STEPS = Bench.scale(3_000_000)

# Something that takes about a tenth of a second and allocates nothing.
def grind(item)
  value = item
  STEPS.times { value = ((value * 1_103_515_245) + 12_345) & 0x7fff_ffff }
  value
end

# A pool of two.
class Grinding
  include Minigun::DSL

  attr_reader :results

  def initialize = @results = []

  pipeline do
    producer(:items) { ITEMS.times { |item| emit item } }
    processes(2) do
      consumer(:work) { |item| @results << grind(item) }
    end
  end

  private

  def grind(item) = TOPLEVEL_BINDING.receiver.send(:grind, item)
end

# What the machine gives: each child has half of the items, and there is nothing to hand over.
def two_forks(take)
  children = (0...ITEMS).each_slice(ITEMS / 2).map do |items|
    Bench::Pipes.child { |io| Marshal.dump(items.map { |item| grind(item) }, io) }
  end
  children.each do |reader, pid|
    take.concat(Marshal.load(reader)) # rubocop:disable Security/MarshalLoad -- from a child of our own
    Bench::Pipes.finish(reader, pid)
  end
end

Bench.question "#{ITEMS} items of pure computing, two children"

Bench.row("All items") do |row|
  row.source { |&sink| ITEMS.times { |item| sink.call(grind(item)) } }
  row.weigh { |value| value }
  row.limit("two bare forks, half of the items each") { |take| two_forks(take) }
  row.peer("inline") { |take| ITEMS.times { |item| take << grind(item) } }
  row.ours { |take| take.concat(Grinding.new.tap(&:run).results) }
  if Bench.gem?("parallel")
    row.peer("Parallel, two processes") do |take|
      take.concat(Parallel.map(0...ITEMS, in_processes: 2) { |item| grind(item) })
    end
  end
  row.faster(1.9, "inline")
end
