#!/usr/bin/env ruby
# frozen_string_literal: true

# The hooks of a whole pipeline. `before_run` comes before anything else and `after_run` when
# every item is done, so they are the place to set up and to sum up. `before_fork` and
# `after_fork` surround the birth of a child process: where nothing forks they never run.

require_relative "../lib/minigun"

# Adds up the takings of a day.
class CashRegister
  include Minigun::DSL

  attr_reader :journal, :results

  def initialize(amounts)
    @amounts = amounts
    @journal = []
    @results = []
  end

  pipeline do
    before_run { @journal << "opened with #{@results.size} entries" }
    after_run { @journal << "closed with #{@results.size} entries, #{@results.sum} in total" }
    before_fork { @journal << "this process is about to fork" }
    after_fork { @journal << "this is a child" }

    producer(:sales) { @amounts.each { |amount| emit amount } }
    processor(:add_tip) { |amount| emit amount + (amount / 10) }
    consumer(:enter) { |amount| @results << amount }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = CashRegister.new([10, 20, 30, 40, 50])
  job.run

  puts job.journal
  puts "entries: #{job.results.join(", ")}"
end
