#!/usr/bin/env ruby
# frozen_string_literal: true

# Hooks that open and close what a stage needs: around the whole run of a producer, around each
# item of any other stage, and around the life of a child. Hooks name their stage and may stand
# before it. The job is shown twice: what children note comes home by itself, or in a file.

require "stringio"
require "tempfile"
require_relative "../lib/minigun"

# Where books are made.
module PrintShop
  # Prints pages; each page is set on a press of its own, and children do the binding.
  class Edition
    include Minigun::DSL

    attr_reader :bound, :events

    def initialize
      @bound = []
      @events = []
    end

    pipeline do
      before :manuscript do
        @source = StringIO.new("four\nlines\nof\ntext\n")
        note("source opened")
      end
      after :manuscript do
        @source.close
        note("source closed")
      end
      producer(:manuscript) { @source.each_line(chomp: true) { |line| emit line } }

      before :press do
        @plate = []
        note("plate made")
      end
      after :press do
        @plate.clear
        note("plate cleaned")
      end
      processor :press do |line|
        @plate << line.upcase
        emit @plate.first
      end

      accumulator :sheets, max_size: 2

      # The parent does this before each fork, and each child does the rest on its own.
      before_fork(:bind) { note("needle threaded") }
      after_fork(:bind) { note("bench laid out") }
      before_exit(:bind) { note("bench tidied up") }
      process_per_batch(max: 2) do
        consumer(:bind) { |sheets| keep(sheets.join(" ")) }
      end
    end

    private

    # These two are called in children, too.
    def keep(book) = @bound << book
    def note(event) = @events << event
  end

  # The same, and children write down what they did.
  class EditionByHand < Edition
    def initialize
      super
      @parent = Process.pid
      @file = Tempfile.new("bindery")
      @file.close
    end

    pipeline do
      after_run do
        books, notes = File.readlines(@file.path, chomp: true).partition { |line| line.start_with?("book ") }
        @bound.concat(books.map { |line| line.delete_prefix("book ") })
        @events.concat(notes.map { |line| line.delete_prefix("note ") })
        @file.unlink
      end
    end

    private

    def keep(book) = write_down("book #{book}")
    def note(event) = Process.pid == @parent ? super : write_down("note #{event}")

    def write_down(line)
      File.open(@file.path, "a") do |file|
        file.flock(File::LOCK_EX)
        file.puts(line)
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  jobs = [PrintShop::Edition.new, PrintShop::EditionByHand.new].each(&:run)

  puts jobs.first.bound.sort
  jobs.first.events.tally.sort.each { |event, times| puts "#{times} x #{event}" }
  puts "both ways agree: #{jobs.map { |job| [job.bound.sort, job.events.tally] }.uniq.size == 1}"
end
