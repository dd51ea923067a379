#!/usr/bin/env ruby
# frozen_string_literal: true

# Class macros: configuration is written in the class body and can be read before anything runs. A
# pool without a size of its own is as wide as `max_threads` or `max_processes` says. The pipeline
# itself shows how a stage filters: it emits only some of its items.

require_relative "../lib/minigun"

# Gives away the seats of a small theatre.
class SeatAllocation
  include Minigun::DSL

  max_threads 8
  max_processes 3
  max_retries 2

  attr_reader :seats

  def initialize(rows: 4, seats_per_row: 5, closed: [])
    @rows = rows
    @seats_per_row = seats_per_row
    @closed = closed
    @seats = []
  end

  pipeline do
    producer :all do
      1.upto(@rows) { |row| 1.upto(@seats_per_row) { |seat| emit "#{("A".ord + row - 1).chr}#{seat}" } }
    end
    processor(:open) { |seat| emit seat unless @closed.include?(seat) }
    consumer(:collect) { |seat| @seats << seat }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  config = SeatAllocation._minigun_task.config
  puts "threads: #{config[:max_threads]}, processes: #{config[:max_processes]}, retries: #{config[:max_retries]}"

  job = SeatAllocation.new(closed: %w[A1 C3])
  job.run
  puts "#{job.seats.size} seats"
  puts job.seats.join(" ")
end
