# frozen_string_literal: true

# End to end, as in batches.rb, with a fresh child for each batch, two at a time.

require "json"
require "tempfile"
require_relative "support/bench"
require_relative "support/batch_work"
require_relative "support/pipes"

COUNT = Bench.scale(15_000)
WIDTH = 2

# A child for each batch.
class Forking < Bench::BatchWork
  pipeline do
    producer(:rows) { each_row(COUNT) { |row| emit row } }
    batch SIZE
    process_per_batch(max: WIDTH) do
      consumer(:work) { |rows| @results.concat(work(rows)) }
    end
  end
end

# At most so many children at a time; the block starts one and answers with its pid.
def each_child(&start)
  running = []
  Bench::BatchWork.each_batch(COUNT) do |rows|
    Process.wait(running.shift) if running.size == WIDTH
    running << start.call(rows)
  end
  running.each { |pid| Process.wait(pid) }
end

# No data comes back.
def floor
  each_child { fork { exit!(0) } }
  Bench::BatchWork.inline(COUNT)
end

def pipes
  results = []
  running = []
  finish = lambda do |(reader, pid)|
    results.concat(Marshal.load(reader)) # rubocop:disable Security/MarshalLoad -- from a child of our own
    Bench::Pipes.finish(reader, pid)
  end
  Bench::BatchWork.each_batch(COUNT) do |rows|
    finish.call(running.shift) if running.size == WIDTH
    running << Bench::Pipes.child { |io| Marshal.dump(Bench::BatchWork.work(rows), io) }
  end
  running.each(&finish)
  results
end

# Children leave in the normal way and append lines to one file.
def tempfile
  file = Tempfile.new("results")
  file.close
  each_child { |rows| fork { append(file.path, Bench::BatchWork.work(rows)) } }
  File.foreach(file.path).map { |line| JSON.parse(line, symbolize_names: true) }
ensure
  file.unlink
end

def append(path, rows)
  File.open(path, "a") do |file|
    file.flock(File::LOCK_EX)
    rows.each { |row| file.puts(row.to_json) }
  end
end

Bench.question "A child for each batch of #{Bench::BatchWork::SIZE}, end to end, time a batch"

Bench.row("#{COUNT} Hashes, trivial work, results in the parent", per: COUNT.fdiv(Bench::BatchWork::SIZE)) do |row|
  row.source { |&sink| Bench::BatchWork.inline(COUNT).each(&sink) }
  row.weigh { |hash| hash[:total] }
  keep = ->(take, &block) { take.concat(take.time(&block)) }
  row.limit("fork { exit! }, no data, worked inline") { |take| keep.call(take) { floor } }
  row.ours { |take| keep.call(take) { Forking.new.tap(&:run).results } }
  row.peer("pipe, Marshal, exit!") { |take| keep.call(take) { pipes } }
  row.peer("tempfile, flock, JSON lines") { |take| keep.call(take) { tempfile } }
  row.at_most(1.8, "fork { exit! }, no data, worked inline")
  row.faster(1.25, "pipe, Marshal, exit!")
  row.faster(3, "tempfile, flock, JSON lines")
end
