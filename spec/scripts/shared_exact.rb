# frozen_string_literal: true

# So many processes do so many operations each on a shared set, mutex, semaphore, counter, hash and array, beside
# processes that do the same and are killed; says of each whether the outcome is exact.

require "minigun"

$stdout.sync = true

processes, operations = ARGV.map { |argument| Integer(argument) }

# Runs the block with the number of each process; one more process at a time is killed meanwhile.
def together(processes, victim, &block)
  pids = Array.new(processes) { |number| fork { block.call(number) && exit!(true) } }
  until pids.empty?
    killed = fork { loop(&victim) }
    sleep(0.02) # not to wait for anything: a victim dies at whatever instant this ends
    Process.kill(:KILL, killed)
    Process.wait(killed)
    pids.reject! { |pid| Process.wait(pid, Process::WNOHANG) && ($?.success? || abort($?.to_s)) }
  end
end

def verdict(name, exact, details)
  puts(exact ? "#{name} exact" : "#{name} WRONG: #{details}") # rubocop:disable RSpec/Output -- for the spec that runs it
end

# Every process adds every value; each is told to one.
set = Minigun::SharedSet.new(capacity: 1 << 30)
told = Minigun::SharedCounter.new
taken = Minigun::SharedCounter.new
together(processes, -> { set.add?(rand(-1000..-1)) && taken.increment }) do
  mine = operations.times.count { |value| set.add?(value) }
  told.increment(mine)
end
verdict("set", told == operations && set.count { |value| value >= 0 } == operations, [told.value, set.size])

# A number that is not atomic. A victim only takes the mutex.
mutex = Minigun::SharedMutex.new
number = Minigun::SharedCounter.new
together(processes, -> { mutex.synchronize { nil } }) do
  operations.times { mutex.synchronize { number.value = number.value + 1 } }
end
verdict("mutex", number == processes * operations, number.value)

# No more than three inside, victims included: each puts itself on record with the permit in its hand.
semaphore = Minigun::SharedSemaphore.new(3)
inside = Minigun::SharedCounter.new
entered = Minigun::SharedCounter.new
over = Minigun::SharedCounter.new
together(processes, -> { semaphore.synchronize { nil } }) do
  operations.times do
    semaphore.synchronize do
      over.increment if inside.increment > 3
      entered.increment
      inside.decrement
    end
  end
end
verdict("semaphore", over == 0 && inside == 0 && entered == processes * operations && semaphore.available == 3,
        [over.value, inside.value, entered.value, semaphore.available])

counter = Minigun::SharedCounter.new
together(processes, -> { counter.increment(0) }) { operations.times { counter.increment } }
verdict("counter", counter == processes * operations, counter.value)

# Sums of a few keys that all add to.
hash = Minigun::SharedHash.new(capacity: 1 << 20)
together(processes, -> { hash.add("killed", 1) }) { operations.times { |n| hash.add(n % 97, 1) } }
sum = (0...97).sum { |key| hash.fetch(key, 0) }
verdict("hash", sum == processes * operations, sum)

# Every process appends numbers of its own.
array = Minigun::SharedArray.new(capacity: 1 << 30)
together(processes, -> { array << -1 }) do |number|
  operations.times { |n| array << ((number * operations) + n) }
end
appended = array.reject(&:negative?).sort
verdict("array", appended == [*0...(processes * operations)], appended.size)
