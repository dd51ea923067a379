#!/usr/bin/env ruby
# frozen_string_literal: true

# Statistics of your own, gathered by hooks: how long it took, how many children there were and
# which, what passed and what failed. Counters in a Hash can be raised in children as well as in
# the parent. The job is shown twice: with such counters, and with a file of JSON lines.

require "tempfile"
require_relative "../lib/minigun"

# The quality of a hundred parts.
module PartInspection
  # Checks a hundred parts in children, 25 parts each.
  class Check
    include Minigun::DSL

    attr_reader :stats

    def initialize
      @stats = Hash.new(0).merge!(pids: [])
    end

    pipeline do
      before(:parts) { @started = Process.clock_gettime(Process::CLOCK_MONOTONIC) }
      before(:crate) { @stats[:produced] += 1 }
      after_run { @stats[:seconds] = Process.clock_gettime(Process::CLOCK_MONOTONIC) - @started }

      producer(:parts) { 100.times { |number| emit number } }
      accumulator :crate, max_size: 25

      before_fork(:inspect) { @stats[:forks] += 1 } # in the parent
      process_per_batch(max: 2) do
        consumer :inspect do |crate|
          good, bad = crate.partition { |number| number % 9 != 4 }
          count(passed: good.size, failed: bad.size, pids: [Process.pid])
        end
      end
    end

    private

    # Called in children: what they add to the Hash is added to the parent's.
    def count(numbers) = add(numbers)

    def add(numbers)
      numbers.each { |key, value| value.is_a?(Array) ? @stats[key].concat(value) : @stats[key] += value }
    end
  end

  # The same, and each child hands in a line of JSON for the parent to add.
  class CheckByHand < Check
    def initialize
      super
      @file = Tempfile.new("inspection")
      @file.close
    end

    pipeline do
      after_run do
        File.foreach(@file.path) { |line| add(JSON.parse(line, symbolize_names: true)) }
        @file.unlink
      end
    end

    private

    def count(numbers)
      File.open(@file.path, "a") do |file|
        file.flock(File::LOCK_EX)
        file.puts(numbers.to_json)
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job, by_hand = [PartInspection::Check.new, PartInspection::CheckByHand.new].each(&:run).map(&:stats)

  puts job.slice(:produced, :passed, :failed, :forks).to_json
  puts "children: #{job[:pids].uniq.size}, this process among them: #{job[:pids].include?(Process.pid)}"
  puts format("seconds: %.2f", job[:seconds])
  agree = [job, by_hand].map { |stats| stats.slice(:produced, :passed, :failed, :forks) }.uniq.size == 1
  puts "both ways agree: #{agree}"
end
