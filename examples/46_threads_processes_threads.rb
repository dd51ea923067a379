#!/usr/bin/env ruby
# frozen_string_literal: true

# Wait in threads, compute in processes, wait in threads again: each stage gets the kind of
# parallelism that its work can use, and the items pass from one to the next as if there were none.

require_relative "../lib/minigun"

# Downloads sensor data, evaluates it, and uploads what was found.
class SensorEvaluation
  include Minigun::DSL

  attr_reader :counts, :uploaded

  def initialize(sensors = 30)
    @sensors = sensors
    @lock = Mutex.new
    @counts = Hash.new(0)
    @uploaded = []
  end

  pipeline do
    producer(:sensors) { @sensors.times { |number| emit number } }

    threads(5) do
      processor :download do |number|
        sleep 0.01
        count(:download)
        emit [number, Array.new(1_000) { |index| (index * (number + 1)) % 97 }]
      end
    end

    processes(3) do
      processor :evaluate do |number, values|
        count(:evaluate)
        emit [number, values.sum / values.size, values.max]
      end
    end

    threads(4) do
      processor :upload do |result|
        sleep 0.01
        count(:upload)
        emit result
      end
    end

    consumer(:confirm) { |result| @uploaded << result }
  end

  private

  def count(stage)
    @lock.synchronize { @counts[stage] += 1 }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = SensorEvaluation.new
  job.run

  job.counts.sort.each { |stage, count| puts "#{stage}: #{count}" }
  first, *_others, last = job.uploaded.sort
  puts "uploaded #{job.uploaded.size}: from #{first.inspect} to #{last.inspect}"
end
