#!/usr/bin/env ruby
# frozen_string_literal: true

# Four child processes that stay for the whole run; an idle one takes the next item. They are meant
# for work that keeps a core busy, where threads would only take turns.

require_relative "../lib/minigun"

# Counts how many steps numbers need to reach 1 by the rule of Collatz.
class CollatzWorkers
  include Minigun::DSL

  attr_reader :steps, :workers

  def initialize(count = 100)
    @count = count
    @steps = {}
    @workers = Hash.new(0)
  end

  pipeline do
    producer(:numbers) { 1.upto(@count) { |number| emit number } }

    processes(4) do
      processor(:walk) { |number| emit [number, steps_from(number), Process.pid] }
    end

    consumer :collect do |number, steps, pid|
      @steps[number] = steps
      @workers[pid] += 1
    end
  end

  private

  def steps_from(number)
    steps = 0
    until number == 1
      number = number.even? ? number / 2 : (3 * number) + 1
      steps += 1
    end
    steps
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = CollatzWorkers.new
  job.run

  number, steps = job.steps.max_by(&:last)
  puts "#{job.steps.size} numbers, the longest way is that of #{number}: #{steps} steps"
  puts "workers: #{job.workers.keys.sort.join(" ")}"
  puts "#{job.workers.values.sum} numbers by #{job.workers.size} workers, " \
       "#{job.workers.fetch(Process.pid, 0)} by this process"
end
