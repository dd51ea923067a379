# frozen_string_literal: true

# The program of ../first_run.rb: one run in a process that has done nothing else. Arguments: what, how, how
# many items. Prints the seconds of the run.

require_relative "../../lib/minigun"
require_relative "records"

Minigun.logger.level = Logger::ERROR

KIND, HOW = ARGV
COUNT = Integer(ARGV[2])
BATCHES = 0.step(COUNT - 1, 1000).map { |first| first...[first + 1000, COUNT].min }
MAKE = Bench::Records.method(:hash)

STAGES = {
  "kept" => proc do
    producer(:ranges) { BATCHES.each { |range| emit range } }
    processes(2) { consumer(:keep) { |range| range.each { |number| @results << MAKE.call(number) } } }
  end,
  "threads" => proc do
    producer(:numbers) { COUNT.times { |number| emit number } }
    threads(3) { processor(:make) { |number| emit MAKE.call(number) } }
    consumer(:keep) { |hash| @results << hash }
  end,
  "strings" => proc do
    process_per_batch(max: 1) { producer(:make) { COUNT.times { |number| emit Bench::Records.string(number, 1024) } } }
    consumer(:count) { |string| @results << string.to_i }
  end
}.freeze

# @return [Array]
def run_pipeline
  job = Class.new do
    include Minigun::DSL

    attr_reader :results

    def initialize = @results = []

    pipeline(&STAGES.fetch(KIND))
  end.new
  job.run(warmup: HOW == "prepared")
  job.results
end

def run_parallel
  Parallel.flat_map(BATCHES, in_processes: 2) { |range| range.map { |number| MAKE.call(number) } }
end

require "parallel" if HOW == "parallel"
began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
results = HOW == "parallel" ? run_parallel : run_pipeline
seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC) - began
numbers = results.map { |one| KIND == "strings" ? one : one.fetch(:id) }
abort "#{numbers.size} of #{COUNT} items, or the wrong ones" unless numbers.sort == [*0...COUNT]
puts seconds
