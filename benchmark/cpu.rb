# frozen_string_literal: true

# How much faster is work that needs a processor, on two of them?

require_relative "support/bench"

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

Bench.question "#{ITEMS} items of pure computing, two children"

Bench.row("All items") do |row|
  row.source { |&sink| ITEMS.times { |item| sink.call(grind(item)) } }
  row.weigh { |value| value }
  row.peer("inline") { |take| ITEMS.times { |item| take << grind(item) } }
  row.ours { |take| take.concat(Grinding.new.tap(&:run).results) }
  if Bench.gem?("parallel")
    row.peer("Parallel, two processes") do |take|
      take.concat(Parallel.map(0...ITEMS, in_processes: 2) { |item| grind(item) })
    end
  end
  row.faster(1.9, "inline")
end
