# frozen_string_literal: true

# A run that meets a fault point, and one after it. Arguments: the context, the log of executions.

require "tmpdir"
require_relative "common"

KIND, LOG = ARGV
ITEMS = 12

class Job
  include Minigun::DSL

  attr_reader :results, :seen

  def initialize
    @results = []
    @seen = []
  end

  def execute(number)
    File.open(LOG, File::WRONLY | File::APPEND | File::CREAT) { |file| file.syswrite("#{number}\n") }
    @seen << number
  end

  pipeline do
    producer(:source) { ITEMS.times { |n| emit n } }
    within(self, KIND) do |options|
      processor(:work, options) do |number|
        execute(number)
        emit number
      end
    end
    consumer(:sink) { |number| @results << number }
  end
end

def base_set
  { children: children, descriptors: Dir.children("/proc/self/fd").size, threads: Dir.children("/proc/self/task").size,
    mappings: File.foreach("/proc/self/maps").grep(%r{/dev/zero \(deleted\)}).size,
    files: Dir.children(Dir.tmpdir).grep(/\Aminigun/).size }
end

# The supervisor's thread and its descriptor outlive a run by a moment.
def settled_base_set(before)
  deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 5
  loop do
    now = base_set
    return now if now == before || Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

    GC.start
    sleep 0.02
  end
end

def outcome(job)
  report = job.report
  { results: job.results, seen: job.seen, failed: report.failed, failures: report.failures.map(&:item),
    stages: report.failures.map(&:stage).uniq, counts: report.stages.fetch(:work) }
end

# What loading has left open is closed first.
GC.start
before = base_set
job = Job.new.tap(&:run)
text = File.read(LOG)
after = settled_base_set(before)
File.write(LOG, "")
again = Job.new.tap(&:run)
tell before: before, after: after, executed: text.split.map(&:to_i), run: outcome(job), again: outcome(again)
