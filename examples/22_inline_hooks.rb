#!/usr/bin/env ruby
# frozen_string_literal: true

# Hooks as options of a stage: lambdas beside the block they belong to, which reads well when they
# are short. All kinds can be written so, those around a fork too. They take no arguments, and
# self is the object as in any block. The job is shown twice: without and with a file.

require "tempfile"
require_relative "../lib/minigun"

# From green coffee to brown.
module CoffeeRoastery
  # Roasts coffee, three sacks to a drum, one child for each drum.
  class Roast
    include Minigun::DSL

    attr_reader :roasted, :events, :started, :ended

    def initialize
      @roasted = []
      @events = []
    end

    pipeline do
      producer :sacks, before: -> { @started = Time.now }, after: -> { note("store locked") } do
        (1..9).each { |sack| emit sack }
      end

      processor :weigh, before: -> { note("scales on") }, after: -> { note("scales off") } do |sack|
        emit sack * 2
      end

      accumulator :drum, max_size: 3, before: -> { note("sack opened") }

      process_per_batch(max: 2) do
        consumer :roast, before_fork: -> { note("gas on") }, after_fork: -> { note("drum heated") },
                         before: -> { note("beans in") }, after: -> { note("beans out") } do |weights|
          keep(weights)
        end
      end

      after_run { @ended = Time.now }
    end

    private

    # The two are called in children, too.
    def keep(weights) = @roasted.concat(weights)
    def note(event) = @events << event
  end

  # The same, and children write down what they did.
  class RoastByHand < Roast
    def initialize
      super
      @parent = Process.pid
      @file = Tempfile.new("roastery")
      @file.close
    end

    pipeline do
      after_run do
        File.foreach(@file.path, chomp: true) do |line|
          line.match?(/\A\d+\z/) ? @roasted << Integer(line) : @events << line
        end
        @file.unlink
      end
    end

    private

    def keep(weights) = write_down(weights)
    def note(event) = Process.pid == @parent ? super : write_down(event)

    def write_down(lines)
      File.open(@file.path, "a") do |file|
        file.flock(File::LOCK_EX)
        file.puts(lines)
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  jobs = [CoffeeRoastery::Roast.new, CoffeeRoastery::RoastByHand.new].each(&:run)

  puts "roasted: #{jobs.first.roasted.sort.join(" ")}"
  jobs.first.events.tally.sort.each { |event, times| puts "#{times} x #{event}" }
  puts "began before it ended: #{jobs.all? { |job| job.started <= job.ended }}"
  puts "both ways agree: #{jobs.map { |job| [job.roasted.sort, job.events.tally] }.uniq.size == 1}"
end
