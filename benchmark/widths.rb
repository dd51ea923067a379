# frozen_string_literal: true

# How close does each context come to its width? Eight sleeping items, four at a time, against the
# same sleeps in bare threads and bare forks. Prints medians; fails when an item is missing.

require "etc"
require_relative "../lib/minigun"

Minigun.logger.level = Logger::ERROR
ROUNDS = Integer(ENV.fetch("ROUNDS", 7))
WIDTH = 4
ITEMS = 8

def clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)

def job(word, seconds)
  Class.new do
    include Minigun::DSL

    attr_reader :done

    define_method(:initialize) { @done = [] }

    pipeline do
      producer(:items) { ITEMS.times { |item| emit item } }
      stage = proc do
        processor(:work) do |item|
          sleep seconds
          emit [item, Process.pid]
        end
      end
      word == :process_per_batch ? process_per_batch(max: WIDTH, &stage) : public_send(word, WIDTH, &stage)
      consumer(:collect) { |pair| @done << pair }
    end
  end.new
end

def minigun(word, seconds)
  instance = job(word, seconds)
  instance.run
  abort "#{word}: #{instance.done.size} of #{ITEMS} items" unless instance.done.map(&:first).sort == [*0...ITEMS]
  abort "#{word}: wrong pids" if word == :processes && instance.done.map(&:last).uniq.size != WIDTH
end

def bare_threads(seconds)
  Array.new(WIDTH) { Thread.new { (ITEMS / WIDTH).times { sleep seconds } } }.each(&:join)
end

def bare_forks(seconds)
  pids = Array.new(WIDTH) do
    fork do
      (ITEMS / WIDTH).times { sleep seconds }
      exit!(true)
    end
  end
  pids.each { |pid| Process.wait(pid) }
end

def measure(rows)
  times = rows.to_h { |name, _| [name, []] }
  ROUNDS.times do
    rows.each do |name, run|
      started = clock
      run.call
      times[name] << (clock - started)
    end
  end
  times.transform_values { |list| list.sort.then { |sorted| [sorted[ROUNDS / 2], sorted.first, sorted.last] } }
end

rows = {
  "bare threads, 8 x 0.2 s" => -> { bare_threads(0.2) },
  "threads(4), 8 x 0.2 s" => -> { minigun(:threads, 0.2) },
  "bare forks, 8 x 0.2 s" => -> { bare_forks(0.2) },
  "processes(4), 8 x 0.2 s" => -> { minigun(:processes, 0.2) },
  "bare forks, 8 x 0.3 s" => -> { bare_forks(0.3) },
  "process_per_batch(max: 4), 8 x 0.3 s" => -> { minigun(:process_per_batch, 0.3) }
}

puts "#{RUBY_DESCRIPTION}, minigun #{Minigun::VERSION}, #{Etc.nprocessors} cores, #{ROUNDS} rounds"
puts ["seconds".ljust(40), *%w[median min max].map { |word| word.rjust(8) }].join(" ")
measure(rows).each do |name, (median, min, max)|
  puts format("%-40<name>s %8.3<median>f %8.3<min>f %8.3<max>f", name: name, median: median, min: min, max: max)
end
