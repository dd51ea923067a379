# frozen_string_literal: true

# Everything that is native, beside a garbage collector in one of its modes. Argument: the mode.

require_relative "common"

MODE = ARGV[0]
MODES = {
  "minor" => -> { GC.start(full_mark: false) },
  "full" => -> { GC.start },
  "stress" => -> {},
  "compact" => -> { GC.compact },
  "auto_compact" => -> { GC.start },
  "verify_compaction" => lambda do
    room = RUBY_VERSION < "3.2" ? { double_heap: true } : { expand_heap: true }
    GC.verify_compaction_references(toward: :empty, **room)
  end,
  "verify_internal" => -> { GC.verify_internal_consistency },
  "calls" => -> {}
}.freeze
COLLECT = MODES.fetch(MODE)
ROUNDS = { "stress" => 1, "verify_compaction" => 2 }.fetch(MODE, 10)

Point = Struct.new(:x, :y)

# Garbage beside what lives, so that there is something to take away and to move.
def collect
  Array.new(500) { Object.new.to_s }
  COLLECT.call
end

def value(number)
  { "text#{number}" => ["a" * (number * 40), :"symbol#{number}", 2**(64 + number), number / 3.0],
    :"key#{number}" => Point.new(number, number.to_s * 30), [number] => (number..), nil => Time.at(number).utc }
end

def check(what, got, wanted)
  raise "#{what}: #{got.inspect[0, 200]} instead of #{wanted.inspect[0, 200]}" unless got == wanted
end

def stressed
  GC.stress = MODE == "stress"
  yield
ensure
  GC.stress = false
end

# The slot is old by now, and gets young objects: a reference the collector was not told of would be lost.
def echo(child, number)
  sent = value(number)
  stressed { child.write(1, number, sent) }
  collect
  check("echo", stressed { child.read(20) }, [2, number, sent])
end

def with_child
  child = Minigun::Native::Child.new(inbox: 1 << 16, label: "gc")
  3.times { GC.start }
  child.spawn do |channel|
    while (record = channel.read)
      collect
      channel.write(2, record[1], record[2])
    end
    channel.finish
  end
  yield child
  child.close_inbox
  check("end", child.read(20), nil)
  check("status", child.status[:exit], 0)
ensure
  child&.close
end

def collections(number)
  list = Minigun::Native::List.new(1 << 20)
  table = Minigun::Native::Table.new(1 << 20)
  sent = Array.new(4) { |i| value(number + i) }
  stressed { list.append(sent) }
  sent.each { |one| stressed { table.put(one.keys, one) } }
  collect
  check("list", stressed { list.read(0, 10) }, sent)
  sent.each { |one| check("table", stressed { table.get(one.keys, nil) }, one) }
end

# Items that pass through threads: inboxes and streams are old by now, and get young items. Ruby 3.1 itself
# now and then crashes when all objects are moved beside other threads: then they are only moved afterwards.
class Passing
  include Minigun::DSL

  NUMBERS = MODE == "stress" ? 20 : 600
  attr_reader :passed

  pipeline do
    producer(:source) { stressed { NUMBERS.times { |number| emit([number, "text#{number}"]) } } }
    processor(:work) do |item|
      emit(Thread.new { item.dup }.value)
      collect if (item.first % 200).zero? && MODE != "verify_compaction"
      next if item.first < NUMBERS - 1

      emit_to_stage(:sink, [-item.first, item.last])
      raise "no"
    end
    threads(2) { processor(:both) { |item| emit(item.map(&:to_s)) } }
    consumer(:sink) { |item| (@passed ||= []) << item }
    on_failure { |item| emit([:failed, item.last]) }
  end
end

def passing
  job = Passing.new
  job.run
  collect
  numbers = Array.new(Passing::NUMBERS) { |number| [number.to_s, "text#{number}"] }
  last = "text#{Passing::NUMBERS - 1}"
  check("items", (job.passed - numbers).sort_by(&:to_s), [["failed", last], [1 - Passing::NUMBERS, last]])
  check("number of items", job.passed.size, Passing::NUMBERS + 2)
end

# Both kinds of collections, and turns of other threads, at calls of methods that are as good as any.
module Calls
  RANDOM = Random.new(1)

  def self.interrupt
    case RANDOM.rand(800)
    when 0 then GC.start
    when 1..10 then GC.start(full_mark: false)
    when 11..20 then Thread.pass
    end
  end

  def self.around
    return yield unless MODE == "calls"

    busy = false
    trace = TracePoint.new(:call, :return, :c_call, :c_return) do
      next if busy

      busy = true
      interrupt
      busy = false
    end
    trace.enable
    yield
  ensure
    trace&.disable
  end
end

GC.auto_compact = true if MODE == "auto_compact"
with_child { |child| ROUNDS.times { |number| echo(child, number) } }
ROUNDS.times do |number|
  sent = value(number)
  copy = stressed { Minigun::Native.load(stressed { Minigun::Native.dump(sent) }) }
  collect
  check("codec", copy, sent)
  collections(number)
  lock = Minigun::Native::Lock.new
  counters = Minigun::Native::Counters.new(4)
  collect
  check("counters", stressed { lock.synchronize { counters.add(1, 5) } }, 5)
end
Calls.around { ROUNDS.clamp(1, 3).times { passing } }
tell mode: MODE, rounds: ROUNDS
