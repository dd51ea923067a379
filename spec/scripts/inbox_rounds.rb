# frozen_string_literal: true

# Threads that take items from an inbox which is closed behind the last one, many times over. Each must
# see the end, whenever Ruby changes threads. Arguments: how often, a seed.

require_relative "common"

ROUNDS, SEED = ARGV.map { |text| Integer(text) }
INBOX = Minigun::Native::Inbox
RANDOM = Random.new(SEED)

# At the end of a method Ruby may change threads: of those that the native parts call, it often does here.
module Restless
  %i[pop push size].each do |name|
    define_method(name) do |*arguments|
      value = super(*arguments)
      Thread.pass if RANDOM.rand(3).zero?
      value
    end
  end
end
Thread::Queue.prepend(Restless)

# Threads of low priority have short shares of the time.
def taker(inbox, taken)
  Thread.new do
    Thread.current.priority = -3
    until INBOX::CLOSED.equal?(item = inbox.pop)
      taken << item
      Thread.pass if (item % 3).zero?
      2_000.times(&:to_s) if (item % 5).zero?
    end
  end
end

def fill(inbox, items)
  items.times do |item|
    inbox.await_room
    inbox.put(item)
    Thread.pass if RANDOM.rand(4).zero?
    sleep 0.0001 if RANDOM.rand(8).zero?
  end
end

def round
  inbox = INBOX.new(4)
  taken = Thread::Queue.new
  takers = Array.new(1 + RANDOM.rand(4)) { taker(inbox, taken) }
  fill(inbox, items = RANDOM.rand(30))
  sleep 0.0005 if RANDOM.rand(2).zero?
  inbox.close
  asleep = takers.reject { |thread| thread.join(20) }
  { asleep: asleep.size, lost: items - taken.size }
end

spin = Thread.new { loop { 2_000.times(&:to_s) && Thread.pass } }
wrong = (1..ROUNDS).lazy.map { round }.find { |result| result.values.any?(&:nonzero?) }
spin.kill.join
tell rounds: ROUNDS, wrong: wrong
