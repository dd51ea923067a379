# frozen_string_literal: true

# A program that waits for any child while a run forks: both get what is theirs.

require_relative "common"

class Forks
  include Minigun::DSL

  attr_reader :results

  def initialize
    @results = []
  end

  pipeline do
    producer(:source) { 60.times { |n| emit n } }
    process_per_batch(max: 2) { processor(:one) { |n| emit n } }
    processes(2) do
      processor :two do |n|
        emit n
        emit n
      end
    end
    consumer(:sink) { |n| @results << n }
  end
end

job = Forks.new
runner = Thread.new { job.run }
own = []
statuses = []
20.times do
  own << spawn("exit 7")
  statuses << own.pop.then do |pid|
    reaped, status = nil
    reaped, status = Process.wait2(-1) until reaped == pid
    status.exitstatus
  end
end
runner.join
tell statuses: statuses, results: job.results.size, failed: job.report.failed
