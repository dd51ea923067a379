# frozen_string_literal: true

require_relative "../../lib/minigun"
require_relative "machine"
require_relative "row"
require_relative "seat"
require_relative "table"

Minigun.logger.level = Logger::ERROR

# The frame of the benchmarks: each file asks one question, in rows; in each row contenders do the
# same work.
#
#   ROUNDS=7      measured rounds
#   ONLY=hash     rows whose name has this in it (a regular expression)
#   SCALE=0.1     a part of the work, to try something out
#
# A round runs each contender once, one after another, and each round begins with another one. A
# contender has a process of its own (see Seat). What arrived is compared with what was sent: when they
# differ, or a contender fails, the exit status is 1. That something is slow is no failure.
module Bench
  class << self
    def clock = Process.clock_gettime(Process::CLOCK_MONOTONIC)

    def rounds = @rounds ||= Integer(ENV.fetch("ROUNDS", "7"))

    # @return [Integer] the amount of work, or the part of it that SCALE asks for
    def scale(count)
      (count * Float(ENV.fetch("SCALE", "1"))).ceil
    end

    # Prints the question and where it is answered.
    def question(text)
      puts "", text, *Machine.lines, "median, min and max of #{rounds} rounds"
    end

    # Defines a row and measures it at once.
    # @yieldparam row [Row]
    def row(name, **options)
      return unless name.match?(Regexp.new(ENV.fetch("ONLY", ""), Regexp::IGNORECASE))

      row = Row.new(name, **options)
      yield row
      measure(row)
    end

    # Leaves out what needs a gem that is not there.
    def gem?(name)
      require name
      true
    rescue LoadError
      warn "#{name} is not installed: its rows are left out (bundle install)"
      false
    end

    private

    def measure(row)
      seats = []
      row.contenders.each { |contender| seats << Seat.new(row, contender, seats) }
      seats.each { |seat| seat.run(:check) }
      row.rounds.times { |round| seats.rotate(round).each { |seat| seat.run(:measure) } }
      Table.new(row, seats).print
    ensure
      seats.each(&:close)
    end
  end
end
