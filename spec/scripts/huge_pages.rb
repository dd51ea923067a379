# frozen_string_literal: true

# Runs a pipeline with a child for each item in a process with much memory. Argument: "warm" or "cold".

require_relative "common"

KEPT = Array.new(300_000) { |number| { number: number, name: "name #{number}" } }

class Job
  include Minigun::DSL

  attr_reader :results

  def initialize = @results = []

  pipeline do
    producer(:source) { 40.times { |n| emit n } }
    process_per_batch(max: 2) { processor(:work) { |n| emit KEPT[n][:number] } }
    consumer(:sink) { |n| @results << n }
  end
end

job = Job.new
job.run(warmup: ARGV.fetch(0) == "warm")
tell results: job.results.sort, kept: KEPT.sum { |one| one[:number] },
     huge: in_huge_pages, switch: huge_pages_switch
