#!/usr/bin/env ruby
# frozen_string_literal: true

# Batches make a fork worth it: a child gets a few hundred items at a time. Between two stages in
# processes the items are batched anew, and all sizes come from the instance. The same job twice:
# the sums as they come home by themselves, and by way of a file.

require "tempfile"
require_relative "../lib/minigun"

# Adds up prime numbers.
module PrimeSums
  # What a child appends to an Array of the instance is in the parent's afterwards.
  class ByArray
    include Minigun::DSL

    attr_reader :sums

    def initialize(limit: 1_000, size: 250, workers: 2)
      @limit = limit
      @size = size
      @workers = workers
      @sums = []
    end

    pipeline do
      producer(:numbers) { (1..@limit).each { |number| emit number } }
      batch @size
      process_per_batch(max: @workers) do
        processor(:primes) { |numbers| numbers.each { |number| emit number if prime?(number) } }
      end

      # The primes arrive one by one from all the children.
      batch smaller
      process_per_batch(max: @workers) do
        consumer(:sum) { |primes| hand_over([primes.size, primes.sum]) }
      end

      after_run { gather }
    end

    private

    def smaller
      @size / 5
    end

    def prime?(number)
      number > 1 && (2..Integer.sqrt(number)).none? { |divisor| (number % divisor).zero? }
    end

    def hand_over(sum)
      @sums << sum
    end

    # They are here already.
    def gather; end
  end

  # By hand: each child appends a line to a file under a lock, a hook reads the file.
  class ByFile < ByArray
    def initialize(**sizes)
      super
      @file = Tempfile.new("sums")
      @file.close
    end

    private

    def hand_over(sum)
      File.open(@file.path, "a") do |file|
        file.flock(File::LOCK_EX)
        file.puts sum.join(" ")
      end
    end

    def gather
      @sums = File.readlines(@file.path).map { |line| line.split.map(&:to_i) }
      @file.unlink
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  [{}, { size: 200, workers: 3 }].each do |sizes|
    by_array, by_file = [PrimeSums::ByArray, PrimeSums::ByFile].map { |job| job.new(**sizes).tap(&:run).sums }
    puts "batches of #{by_array.map(&:first).sort.reverse.join(", ")} primes"
    puts "  #{by_array.sum(&:first)} primes, their sum is #{by_array.sum(&:last)}"
    puts "  both ways agree: #{by_array.transpose.map(&:sum) == by_file.transpose.map(&:sum)}"
  end
end
