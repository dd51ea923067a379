#!/usr/bin/env ruby
# frozen_string_literal: true

# Objects in the place of blocks, in the shape that Kiba gives them: a source has `each`, a transform
# `process`, a destination `write` and `close`. The entries of one account are booked in one process, in
# order; accounts are spread over three of them.

require_relative "../lib/minigun"
require "tempfile"

module SourcesAndSinks
  # A source: a line is an account and an amount.
  class Statement
    def initialize(text) = @text = text

    def each
      @text.each_line do |line|
        account, amount = line.split
        yield({ account: account, amount: Integer(amount) })
      end
    end
  end

  # A transform that splits one row into two, and drops rows of nothing.
  class Fee
    def process(row)
      return if row[:amount].zero?

      yield row
      { account: "bank", amount: 1 }
    end
  end

  # A transform with a memory, which only works when nobody else has the same account.
  class Balance
    def initialize = @balances = Hash.new(0)

    def process(row)
      row.merge(balance: @balances[row[:account]] += row[:amount])
    end
  end

  # A destination: the rows of each process are in its file once it is closed.
  class Ledger
    def initialize(path)
      @path = path
      @lines = []
    end

    def write(row) = @lines << row.values_at(:account, :balance).join(" ")

    def close
      File.open(@path, "a") do |file|
        file.flock(File::LOCK_EX)
        file.puts(@lines)
      end
    end
  end

  # Books what the statement says.
  class Bookkeeping
    include Minigun::DSL

    attr_reader :balances

    def initialize(text)
      @text = text
      @file = Tempfile.new("ledger").tap(&:close)
    end

    pipeline do
      producer :statement, from: Statement.new(@text)
      processor :fee, using: Fee.new
      partition by: ->(row) { row[:account] }
      processes 3 do
        processor :balance, using: Balance
      end
      process_per_batch(max: 1) { accumulator(:pages, max_size: 4) { |rows| rows } }
      debatch
      consumer :write, using: [Ledger, @file.path]
      after_run { @balances = File.readlines(@file.path, chomp: true).group_by { |line| line.split.first } }
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  text = "ann 10\nbob 5\nann -3\ncid 0\nbob 7\nann 4\n"
  job = SourcesAndSinks::Bookkeeping.new(text)
  job.run
  job.balances.sort.each { |account, lines| puts "#{account}: #{lines.map { |line| line.split.last }.join(" ")}" }

  # Anything with each will do, also without end: what nobody needs is not made.
  ticks = Enumerator.produce(1) { |n| n * 2 }
  first = Class.new do
    include Minigun::DSL

    attr_reader :powers

    pipeline do
      producer :ticks, from: ticks.lazy.take_while { |n| n < 100 }
      round_robin to: %i[left right]
      consumer(:left) { |n| (@left ||= []) << n }
      consumer(:right) { |n| (@right ||= []) << n }
      after_run { @powers = [@left, @right] }
    end
  end.new
  first.run
  first.powers.each { |list| puts list.join(" ") }
end
