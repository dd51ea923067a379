# frozen_string_literal: true

# Objects made in the blocks of a pipeline. Arguments: where ("inline", "threads", "process_per_batch" ...),
# and "cold" for a run without preparations.

require_relative "common"

# Bytes of this process that are in huge pages, and whether it may have them at all.
def huge
  [Integer(File.read("/proc/self/smaps_rollup")[/^AnonHugePages: +(\d+)/, 1]) * 1024,
   File.read("/proc/self/status")[/^THP_enabled:\s+(\d)/, 1]]
end

# 40 MB of Strings that a collection finds alive.
def make
  kept = Array.new(40_000) { |n| n.to_s * (1000 / n.to_s.size) }
  bytes, = huge
  [bytes, kept.sum(&:size)]
end

class Job
  include Minigun::DSL

  attr_reader :results

  def initialize = @results = []

  pipeline do
    producer(:source) { emit 1 }
    within(self, ARGV.fetch(0)) { |options| processor(:work, options) { |_| emit(make) } }
    consumer(:sink) { |bytes| @results << bytes }
  end
end

before = huge
job = Job.new
job.run(warmup: ARGV[1] != "cold")
bytes, size = job.results.first
tell before: before.first, bytes: bytes, size: size, switch: [before.last, huge.last].uniq.size
