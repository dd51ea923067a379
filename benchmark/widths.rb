# frozen_string_literal: true

# How close does each context come to its width? Eight sleeping items, four at a time, against the
# same sleeps in bare threads and bare forks.

require_relative "support/bench"

WIDTH = 4
ITEMS = 8

# Items that sleep, in a context.
def job(context, seconds, take)
  Class.new do
    include Minigun::DSL

    pipeline do
      producer(:items) { ITEMS.times { |item| emit item } }
      stage = proc do
        processor(:work) do |item|
          sleep seconds
          emit item
        end
      end
      context == :process_per_batch ? process_per_batch(max: WIDTH, &stage) : public_send(context, WIDTH, &stage)
      consumer(:collect) { |item| take << item }
    end
  end.new.run
end

def bare_threads(seconds, take)
  Array.new(WIDTH) { Thread.new { (ITEMS / WIDTH).times { sleep seconds } } }.each(&:join)
  take.concat(0...ITEMS)
end

def bare_forks(seconds, take)
  pids = Array.new(WIDTH) do
    fork do
      (ITEMS / WIDTH).times { sleep seconds }
      exit!(true)
    end
  end
  pids.each { |pid| Process.wait(pid) }
  take.concat(0...ITEMS)
end

def row(context, seconds)
  Bench.row("#{context}, #{WIDTH} wide, #{ITEMS} items of #{seconds} s", rounds: [Bench.rounds, 3].min) do |row|
    row.source { |&sink| ITEMS.times(&sink) }
    row.weigh { |item| item }
    bare = context == :threads ? :bare_threads : :bare_forks
    row.limit(bare.to_s.tr("_", " ")) { |take| send(bare, seconds, take) }
    row.ours { |take| job(context, seconds, take) }
  end
end

Bench.question "Width"

row(:threads, 0.2)
row(:processes, 0.2)
row(:process_per_batch, 0.3)
