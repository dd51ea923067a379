# frozen_string_literal: true

# How long does it take until what is thrown into `run` comes out of it? Prints the distribution for
# each phase that a run can be in. Arguments: throws for each phase (40), the longest pause before
# one in milliseconds (120), the seed, and a part of the names of the phases wanted.

require "timeout"
require_relative "common"

THROWS, PAUSE, SEED = [ARGV[0] || 40, ARGV[1] || 120, ARGV[2] || 1].map { |text| Integer(text) }
WANTED = ARGV[3].to_s
RANDOM = Random.new(SEED)
# What docs/reliability.md promises, in seconds.
LIMIT = 0.25
WAYS = %i[timeout kill raise interrupt].freeze
REACHED = Minigun::Native::Counters.new(2)
SLOW_FORKS = 1

# Hooks of other libraries around a fork take their time as well. Where this program was given a
# better priority, to measure it beside others, its children have the usual one.
Process.singleton_class.prepend(
  Module.new do
    def _fork
      sleep 0.02 if REACHED.get(SLOW_FORKS).positive?
      super.tap { |pid| Process.setpriority(Process::PRIO_PROCESS, 0, 0) if pid.zero? }
    end
  end
)

# A pipeline whose producer never ends; its block says that it was reached.
def endless(word, width, **options, &block)
  lambda do |dsl|
    dsl.producer(:source) { loop { emit 1 } }
    stage = proc { consumer(:work, options) { |_| REACHED.add(0, 1) && instance_exec(&block) } }
    word == :process_per_batch ? dsl.process_per_batch(max: width, &stage) : dsl.public_send(word, width, &stage)
  end
end

MANY_STAGES = lambda do |dsl|
  dsl.producer(:source) { loop { emit "x" * 100 } }
  dsl.processes(2) { processor(:one) { |text| REACHED.add(0, 1) && emit(text) } }
  dsl.threads(2) { processor(:two) { |text| emit text } }
  dsl.batch 10
  dsl.process_per_batch(max: 2) { consumer(:three, &:size) }
end

CHILD_PRODUCER = lambda do |dsl|
  dsl.processes(1) { producer(:source) { REACHED.add(0, 1) && loop { emit "x" * 1000 } } }
  dsl.consumer(:sink) { |_| nil }
end

PHASES = {
  "pool child that sleeps" => endless(:processes, 2) { sleep },
  "pool child that spins" => endless(:processes, 2) { loop { nil } },
  "pool child that is stopped" => endless(:processes, 2) { Process.kill(:STOP, Process.pid) && sleep },
  "pool child that is stuck in C" => endless(:processes, 2) { (1 << 400_000_000).to_s },
  "pool child that ignores TERM" => endless(:processes, 2) { trap(:TERM, "IGNORE") && sleep },
  "child of one item that spins" => endless(:process_per_batch, 2) { loop { nil } },
  "children that come and go" => endless(:process_per_batch, 2) { nil },
  "slow forks" => endless(:process_per_batch, 2) { nil },
  "merges of large state" => endless(:processes, 2) { 3_000.times { |n| @seen << "item #{n}" } },
  "a full inbox" => endless(:processes, 1) { sleep 0.05 },
  "retries and their pauses" => endless(:processes, 2, retries: 99, backoff: 0.02) { raise "no" },
  "a producer in a child" => CHILD_PRODUCER,
  "many stages" => MANY_STAGES,
  "64 pool children" => endless(:processes, 64) { sleep },
  "64 children of one item" => endless(:process_per_batch, 64) { sleep }
}.freeze

class Job
  def self.of(define)
    Class.new(self) do
      include Minigun::DSL

      pipeline { define.call(self) }
    end.new
  end

  def initialize = @seen = []
end

def clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)

def reach
  limit = clock + 20
  sleep 0.001 until REACHED.get(0).positive? || clock > limit
end

# @return [Float] when it was thrown
def throw_into(thread, way)
  reach
  sleep(RANDOM.rand * PAUSE / 1000)
  clock.tap do
    case way
    when :kill then thread.kill
    when :raise then thread.raise(IOError, "thrown in")
    when :interrupt then thread.raise(Interrupt, "thrown in")
    end
  end
end

# Of a Timeout it is known when it is due, not what the run does then.
def time_out(job)
  seconds = (20 + (RANDOM.rand * PAUSE * 2)) / 1000
  due = clock + seconds
  Timeout.timeout(seconds) { job.run }
rescue Timeout::Error
  clock - due
end

# @return [Float, nil] seconds; nil = nothing came out
def latency(define, way)
  REACHED.set(0, 0)
  job = Job.of(define)
  return time_out(job) if way == :timeout

  thread = Thread.new do
    Thread.current.report_on_exception = false
    job.run
    Thread.current[:returned] = true
  end
  thrown = throw_into(thread, way)
  begin
    thread.join(20) or return
  rescue IOError, Interrupt
    nil
  end
  clock - thrown unless thread[:returned]
end

def show(name, seconds, left)
  $stdout.puts "#{distribution(name, seconds, LIMIT)}; children left: #{left}"
  $stdout.flush
end

all = PHASES.select { |name, _| name.include?(WANTED) }.flat_map do |name, define|
  REACHED.set(SLOW_FORKS, name == "slow forks" ? 1 : 0)
  left = 0
  seconds = Array.new(THROWS) do |i|
    latency(define, WAYS[i % WAYS.size]).tap { left += children }
  end
  lost = seconds.count(nil)
  abort "#{name}: #{lost} of #{THROWS} throws were lost" if lost.positive?
  show(name, seconds, left)
  seconds
end
show("all", all, children)
