#!/usr/bin/env ruby
# frozen_string_literal: true

# Each instance brings its own size and its own results: the constructor's arguments are there in
# every block, and one class can be run on many instances, also at the same time.

require_relative "../lib/minigun"

# Numbers the tickets of a raffle.
class RaffleTickets
  include Minigun::DSL

  attr_reader :tickets

  def initialize(count)
    @count = count
    @tickets = []
  end

  pipeline do
    producer(:numbers) { @count.times { |number| emit number } }
    processor(:label) { |number| emit format("T%03d", number) }
    consumer(:collect) { |ticket| @tickets << ticket }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  large = RaffleTickets.new(100)
  small = RaffleTickets.new(3)
  [large, small].map { |job| Thread.new { job.run } }.each(&:join)

  [large, small].each do |job|
    puts "#{job.tickets.uniq.size} tickets from #{job.tickets.first} to #{job.tickets.last}"
  end
end
