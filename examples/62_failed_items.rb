#!/usr/bin/env ruby
# frozen_string_literal: true

# Items in threads of forked children, in order; those that fail go to a stage of their own.
# The run is stopped as soon as enough has been found.
#
#   ruby examples/62_failed_items.rb

require_relative "../lib/minigun"

# Looks for primes among words, some of which are no numbers.
class FailedItems
  include Minigun::DSL

  attr_reader :found, :rejected

  def initialize
    @found = []
    @rejected = []
  end

  pipeline do
    dead_letter :rejects

    producer(:words) { (2..).each { |n| emit((n % 10).zero? ? "n#{n}" : n.to_s) } }
    batch 6

    process_per_batch max: 2, threads: 3 do
      processor(:parse) { |word| emit(Integer(word)) } # one bad word does not fail its batch
    end

    threads 4, ordered: true do
      processor(:prime) { |n| emit(n) if (2..Math.sqrt(n)).none? { |d| (n % d).zero? } }
    end

    consumer :collect do |prime|
      @found << prime
      stop!(@found.first(10)) if @found.size == 10
    end

    consumer(:rejects) { |letter| @rejected << "#{letter.item} (#{letter.stage}: #{letter.error.class})" }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::FATAL # each failed item is logged as an error
  job = FailedItems.new
  primes = job.run
  puts "run returned #{primes.size} primes: #{primes.all? { |n| (2...n).none? { |d| (n % d).zero? } }}"
  puts "stopped: #{job.report.stopped?}, with the same value: #{job.report.value == primes}"
  puts "rejected: #{job.rejected.grep(/\An\d+ \(parse: ArgumentError\)\z/).size == job.rejected.size}"
end
