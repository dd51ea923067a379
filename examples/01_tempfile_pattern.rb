#!/usr/bin/env ruby
# frozen_string_literal: true

# How forked children handed results over when nothing came home by itself: they append to a file
# under a lock, and an after_run hook reads it. Programs written this way work as they are.

require "tempfile"
require_relative "../lib/minigun"

# Squares numbers in forked children and gathers the results in a temporary file.
class TempfilePattern
  include Minigun::DSL

  attr_reader :results

  def initialize(count = 20)
    @count = count
    @results = []
    @file = Tempfile.new("results")
    @file.close
  end

  pipeline do
    producer(:numbers) { @count.times { |number| emit number } }
    batch 5

    process_per_batch(max: 2) do
      consumer :square do |numbers|
        File.open(@file.path, "a") do |file|
          file.flock(File::LOCK_EX)
          numbers.each { |number| file.puts "#{Process.pid} #{number * number}" }
        end
      end
    end

    # Every child has ended by now.
    after_run do
      @results = File.readlines(@file.path).map { |line| line.split.map(&:to_i) }
      @file.unlink
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = TempfilePattern.new
  job.run

  pids = job.results.map(&:first).uniq
  puts "#{job.results.size} results from #{pids.size} children"
  puts "sum of squares: #{job.results.sum(&:last)}"
end
