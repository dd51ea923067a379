#!/usr/bin/env ruby
# frozen_string_literal: true

# Every way to say where a stage runs, in one job: blocks around stages, contexts that have a name,
# and nothing at all. Stages note the process they ran in; what children note comes home.

require_relative "../lib/minigun"

# Two jobs that between them use every context.
module ContextsTour
  # Sends numbers through threads and processes of all kinds.
  class Forking
    include Minigun::DSL

    attr_reader :places, :results

    def initialize
      @lock = Mutex.new
      @places = Hash.new { |places, stage| places[stage] = Set.new }
      @results = []
    end

    pipeline do
      execution_context :disk, :threads, 2
      execution_context :cores, :processes, 2

      producer(:numbers) { 12.times { |number| pass(:numbers, number) } }

      processor(:plain) { |number| pass(:plain, number) }

      threads(3) do
        processor(:in_threads) { |number| pass(:in_threads, number) }
      end

      processes(2) do
        processor(:in_processes) { |number| pass(:in_processes, number + 1) }
      end

      processor(:on_disk, execution_context: :disk) { |number| pass(:on_disk, number) }
      processor(:on_cores, execution_context: :cores) { |number| pass(:on_cores, number * number) }

      batch 4
      thread_per_batch(max: 2) do
        processor(:thread_each) { |numbers| pass(:thread_each, numbers) }
      end
      process_per_batch(max: 2) do
        consumer :process_each do |numbers|
          note(:process_each)
          @results.concat(numbers)
        end
      end
    end

    private

    def pass(stage, item)
      note(stage)
      emit item
    end

    # Threads of one stage note at the same time.
    def note(stage)
      @lock.synchronize { @places[stage] << Process.pid }
    end
  end

  # Stages for Ractors, whose blocks use nothing but their item. They have a job of their own because
  # no process can be forked safely beside a busy Ractor.
  class Ractors
    include Minigun::DSL

    attr_reader :results

    def initialize
      @results = []
    end

    pipeline do
      producer(:numbers) { 6.times { |number| emit number } }
      ractors(2) { processor(:double) { |number| emit number * 2 } }
      ractor_per_batch(max: 2) { processor(:negate) { |number| emit(-number) } }
      consumer(:keep) { |number| @results << number }
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = ContextsTour::Forking.new
  job.run

  job.places.sort.each do |stage, pids|
    puts "#{stage}: #{pids == Set[Process.pid] ? "this process" : "child processes"}"
  end
  puts "results: #{job.results.sort.join(" ")}"

  ractors = ContextsTour::Ractors.new
  ractors.run
  puts "ractors: #{ractors.results.sort.join(" ")}"
end
