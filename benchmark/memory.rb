# frozen_string_literal: true

# Does the memory of the parent stay as it is while millions of items pass through? And what does a
# child dirty that walks through what it has inherited?
#
#   ITEMS=10000000 ruby benchmark/memory.rb

require_relative "support/bench"
require_relative "support/usage"

ITEMS = Integer(ENV.fetch("ITEMS", Bench.scale(1_000_000)))
INHERITED = Bench.scale(100)

# Takes note of the parent's size when a tenth has passed, and of the largest later on.
class Gauge
  attr_reader :early, :peak

  def initialize
    @passed = 0
    @peak = 0
    @every = [ITEMS / 100, 1].max
  end

  def pass
    @passed += 1
    return unless (@passed % @every).zero?

    @early ||= Bench::Usage.resident if @passed * 10 >= ITEMS
    @peak = [@peak, Bench::Usage.resident].max if @early
  end

  # @return [Float] MB that came after the first tenth
  def growth = @peak - @early
end

# Runs a pipeline that the block defines up to the sink.
# @return [Float] MB that the parent has grown by
def growth(take, &stages)
  gauge = Gauge.new
  Class.new do
    include Minigun::DSL

    pipeline do
      instance_exec(&stages)
      consumer(:sink) do |number|
        take << number
        gauge.pass
      end
    end
  end.new.run
  take.value = gauge.growth
end

def from_child(take)
  growth(take) { processes(1) { producer(:numbers) { ITEMS.times { |number| emit number + 1 } } } }
end

def through_threads(take)
  growth(take) do
    producer(:numbers) { ITEMS.times { |number| emit number } }
    threads(2) { processor(:next) { |number| emit number + 1 } }
  end
end

# @return [Float] MB of its own that a child has when it has looked at every element
def walked
  inherited = Bench::Usage.ballast(INHERITED)
  child = Minigun::Native::Child.new
  child.spawn do |channel|
    channel.write(1, 0, inherited.sum { |chunk| chunk.sum { |hash| hash[:id] + hash[:name].size } })
    sleep
  end
  child.read
  Bench::Usage.private_memory(child.pid)
ensure
  child.close
end

Bench.question "Memory"

Bench.row("Growth of the parent while #{ITEMS} Integers pass, after the first tenth", unit: :MB, rounds: 1) do |row|
  row.source { |&sink| ITEMS.times { |number| sink.call(number + 1) } }
  row.digest { |number| number }
  row.ours("from a child") { |take| from_child(take) }
  row.ours("through threads") { |take| through_threads(take) }
  row.below(1)
end

Bench.row("Private memory of a child that has walked #{INHERITED} MB of Hashes", unit: :MB, rounds: 1) do |row|
  row.ours { |take| take.value = walked }
end
