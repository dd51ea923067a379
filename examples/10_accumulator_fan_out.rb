#!/usr/bin/env ruby
# frozen_string_literal: true

# An accumulator gathers items into batches of three and gives each batch to two consumers: one
# forks a child for every batch, the other runs in threads. The job is shown twice. By hand, the
# children bring their results home in a file; without it, what they add to `@printed` is there.

require "tempfile"
require_relative "../lib/minigun"

# Invoices are printed and booked, three at a time.
module InvoiceStacks
  # The children write to a file, and a hook reads it when all of them have ended.
  class PrintByHand
    include Minigun::DSL

    attr_reader :printed, :booked

    def initialize
      @printed = []
      @booked = []
      @lock = Mutex.new
      @file = Tempfile.new("printed")
      @file.close
    end

    pipeline do
      producer(:invoices) { (1..10).each { |number| emit number } }
      accumulator :stack, max_size: 3, to: %i[print book]

      process_per_batch(max: 2) do
        consumer :print do |stack|
          File.open(@file.path, "a") do |file|
            file.flock(File::LOCK_EX)
            stack.each { |number| file.puts(number) }
          end
        end
      end

      threads(2) do
        consumer(:book) { |stack| @lock.synchronize { @booked.concat(stack) } }
      end

      after_run do
        @printed = File.readlines(@file.path).map { |line| Integer(line) }
        @file.unlink
      end
    end
  end

  # The children add to an Array.
  class Print
    include Minigun::DSL

    attr_reader :printed, :booked

    def initialize
      @printed = []
      @booked = []
      @lock = Mutex.new
    end

    pipeline do
      producer(:invoices) { (1..10).each { |number| emit number } }
      accumulator :stack, max_size: 3, to: %i[print book]

      process_per_batch(max: 2) do
        consumer(:print) { |stack| @printed.concat(stack) }
      end

      threads(2) do
        consumer(:book) { |stack| @lock.synchronize { @booked.concat(stack) } }
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  by_hand = InvoiceStacks::PrintByHand.new
  job = InvoiceStacks::Print.new
  [by_hand, job].each(&:run)

  puts "printed: #{job.printed.sort.join(" ")}"
  puts "booked: #{job.booked.sort.join(" ")}"
  puts "both ways agree: #{by_hand.printed.sort == job.printed.sort && by_hand.booked.sort == job.booked.sort}"
end
