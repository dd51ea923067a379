# frozen_string_literal: true

# Objects made in the blocks of a pipeline. Arguments: where ("inline", "threads", "process_per_batch" ...),
# and "cold" for a run without preparations.

require_relative "common"

# 40 MB of Strings that a collection finds alive.
def make
  kept = Array.new(40_000) { |n| n.to_s * (1000 / n.to_s.size) }
  [in_huge_pages * 1024, kept.sum(&:size)]
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

before = in_huge_pages
switch = huge_pages_switch
job = Job.new
job.run(warmup: ARGV[1] != "cold")
bytes, size = job.results.first
tell before: before, bytes: bytes, size: size, switch: [switch, huge_pages_switch].uniq.size
