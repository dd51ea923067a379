#!/usr/bin/env ruby
# frozen_string_literal: true

# A database connection must not be used on both sides of a fork. Fork hooks see to it: the parent
# lets go of its connection before it forks, and each child opens its own. The job is shown twice:
# once what the children did is simply there, once they bring it home in a file.

require "tempfile"
require_relative "../lib/minigun"

# Bookings, and the database they go to.
module LedgerBooks
  # Stands for the client of a database, which answers with the rows that it has stored.
  # It refuses to work in any process but its own.
  class Connection
    def initialize
      @pid = Process.pid
    end

    def insert(rows) = check && rows
    def close = check

    private

    def check = Process.pid == @pid || raise("a connection was used across a fork")
  end

  # Writes bookings to the database, each batch from a child.
  class Writer
    include Minigun::DSL

    attr_reader :saved, :events

    def initialize
      @saved = []
      @events = []
    end

    pipeline do
      before_run { connect }

      producer(:bookings) { (1..10).each { |id| emit id } }
      accumulator :stack, max_size: 5

      before_fork { disconnect }
      after_fork { connect }
      before_exit { disconnect }

      process_per_batch(max: 2) do
        consumer(:write) { |ids| keep(@connection.insert(ids)) }
      end

      after_run { connect } # the children have ended
      after_run { disconnect }
    end

    private

    def connect
      @connection = Connection.new
      note("connected")
    end

    def disconnect
      return unless @connection

      @connection.close
      @connection = nil
      note("disconnected")
    end

    # What a child adds to these two is added to the parent's.
    def keep(ids) = @saved.concat(ids)
    def note(event) = @events << [Process.pid, event]
  end

  # The same, and children hand over what they did in a file.
  class WriterByHand < Writer
    def initialize
      super
      @parent = Process.pid
      @file = Tempfile.new("ledger")
      @file.close
    end

    pipeline do
      after_run { File.foreach(@file.path) { |line| receive(*line.split(" ", 3)) } }
      after_run { @file.unlink }
    end

    private

    def keep(ids) = ids.each { |id| write_down("saved", id) }
    def note(event) = Process.pid == @parent ? super : write_down("event", event)

    def write_down(what, value)
      File.open(@file.path, "a") do |file|
        file.flock(File::LOCK_EX)
        file.puts "#{what} #{Process.pid} #{value}"
      end
    end

    def receive(what, pid, value)
      what == "saved" ? @saved << Integer(value) : @events << [Integer(pid), value.chomp]
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  answers = [LedgerBooks::Writer, LedgerBooks::WriterByHand].map do |kind|
    job = kind.new.tap(&:run)
    parent, children = job.events.partition { |pid, _event| pid == Process.pid }.map { |list| list.map(&:last) }
    { saved: job.saved.sort.join(" "), parent: parent.join(", "), children: children.tally }
  end

  puts "saved: #{answers[0][:saved]}", "parent: #{answers[0][:parent]}"
  answers[0][:children].sort.each { |event, times| puts "children: #{times} times #{event}" }
  puts "both ways agree: #{answers.uniq.size == 1}"
end
