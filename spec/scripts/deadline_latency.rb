# frozen_string_literal: true

# How late are the signals of a deadline beside busy Ruby threads? Prints the distribution for TERM
# after `timeout:` and for KILL after `grace:`. Arguments: deadlines (200), busy threads (16).
#
# All times are taken in the children, whose interpreters are idle: when the block began, when TERM
# arrived, and when the child last drew breath. A child that was not run at all for a moment, because
# others had the processor, shows as a breath that was drawn too early; so the longest gap between
# two breaths is told too. It bounds what the machine itself adds.

require_relative "common"

DEADLINES, THREADS = [ARGV[0] || 200, ARGV[1] || 16].map { |text| Integer(text) }
TIMEOUT = 0.3
GRACE = 0.1
WIDTH = 8
BREATH = 0.001
# What docs/reliability.md promises, in seconds.
LIMIT = 0.05
CELLS = %i[began term breath gap].freeze
TIMES = Minigun::Native::Counters.new(DEADLINES * CELLS.size)

def clock = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)

def note(item, what, value) = TIMES.set((item * CELLS.size) + CELLS.index(what), value)

def times_of(item) = CELLS.each_with_index.to_h { |what, i| [what, TIMES.get((item * CELLS.size) + i)] }

class Job
  include Minigun::DSL

  pipeline do
    producer(:source) { DEADLINES.times { |n| emit n } }
    process_per_batch(max: WIDTH, timeout: TIMEOUT, grace: GRACE) do
      consumer(:work) do |item|
        trap(:TERM) { note(item, :term, clock) }
        note(item, :began, last = clock)
        gap = 0
        loop do
          sleep BREATH
          now = clock
          note(item, :gap, gap = now - last) if now - last > gap
          note(item, :breath, last = now)
        end
      end
    end
  end
end

def show(name, nanoseconds) = $stdout.puts(distribution(name, nanoseconds.map { |one| one / 1e9 }, LIMIT))

busy = Array.new(THREADS) { Thread.new { loop { nil } } }
job = Job.new
job.run
busy.each(&:kill).each(&:join)
abort "#{job.report.failed} of #{DEADLINES} deadlines were met" unless job.report.failed == DEADLINES

all = Array.new(DEADLINES) { |item| times_of(item) }
show("TERM", all.map { |one| one[:term] - one[:began] - (TIMEOUT * 1e9) })
show("last breath after KILL", all.map { |one| one[:breath] - one[:term] - (GRACE * 1e9) })
show("longest gap", all.map { |one| one[:gap] })
