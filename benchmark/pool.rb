# frozen_string_literal: true

# What does a tiny job cost that goes to a pool of two children and comes back?

require_relative "support/bench"
require_relative "support/pipes"

JOBS = Bench.scale(20_000)
# Of Parallel, which takes much longer a job.
FEW = Bench.scale(2_000)
CHUNK = 1000

# One job at a time for each child.
class Pooling
  include Minigun::DSL

  def initialize(count, take)
    @count = count
    @take = take
  end

  pipeline do
    producer(:jobs) { @count.times { |number| emit number } }
    processes(2) do
      processor(:work) { |number| emit number + 1 }
    end
    consumer(:sink) { |number| @take << number }
  end
end

# Two children that read chunks and answer with chunks; each gets the next when it has answered.
def chunked_pipes(count, &sink)
  chunks = Queue.new
  0.step(count - 1, CHUNK) { |first| chunks << (first...[first + CHUNK, count].min).to_a }
  chunks.close
  workers = Array.new(2) { worker }
  threads = workers.map do |requests, answers, _|
    Thread.new { serve(chunks, requests, answers) }
  end
  threads.each { |thread| thread.value.each(&sink) }
  workers.each do |requests, answers, pid|
    requests.close
    Bench::Pipes.finish(answers, pid)
  end
end

def worker
  inbox, requests = IO.pipe.each(&:binmode)
  others = @open.to_a
  answers, pid = Bench::Pipes.child do |io|
    [requests, *others].each(&:close)
    io.sync = true
    Bench::Pipes::ByMarshal.each(inbox) { |numbers| Bench::Pipes::ByMarshal.write(io, numbers.map { |one| one + 1 }) }
  end
  inbox.close
  (@open ||= []) << requests
  [requests, answers, pid]
end

def serve(chunks, requests, answers)
  requests.sync = true
  results = []
  while (chunk = chunks.pop)
    Bench::Pipes::ByMarshal.write(requests, chunk)
    results.concat(Marshal.load(answers)) # rubocop:disable Security/MarshalLoad -- from a child of our own
  end
  results
ensure
  @open.delete(requests)
end

Bench.question "Tiny jobs for a pool of two children, time a job"

def row(name, count)
  Bench.row(name, per: count) do |row|
    row.source { |&sink| count.times { |number| sink.call(number + 1) } }
    row.weigh { |number| number }
    row.ours { |take| Pooling.new(count, take).run }
    yield row
  end
end

row("#{JOBS} Integers, one by one, against chunks", JOBS) do |row|
  row.peer("Marshal pipes, chunks of 1000") { |take| chunked_pipes(JOBS) { |number| take << number } }
  row.faster(2, "Marshal pipes, chunks of 1000")
end

if Bench.gem?("parallel")
  row("#{FEW} Integers, one by one, against Parallel", FEW) do |row|
    row.peer("Parallel, item by item") do |take|
      take.concat(Parallel.map(0...FEW, in_processes: 2) { |number| number + 1 })
    end
    row.faster(100, "Parallel, item by item")
  end
end
