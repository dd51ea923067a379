#!/usr/bin/env ruby
# frozen_string_literal: true

# Errors that a stage deals with itself: a line that cannot be read is put aside, a call that fails
# is tried again a few times. A stage without a context takes one item at a time, so its counters
# need no lock. The job is shown twice: errors of children come home by themselves, or in a file.

require "tempfile"
require_relative "../lib/minigun"

# Payments from a list of doubtful quality, and a bank of the same kind.
module PaymentDesk
  # Stands for a service that is down from time to time: so many calls fail for an account.
  class Bank
    # What one has to expect of it.
    class Unavailable < StandardError; end

    def initialize(outages) = @outages = outages

    def fee(account)
      left = @outages.fetch(account, 0)
      @outages[account] = left - 1
      left.positive? ? raise(Unavailable, "no answer for #{account}") : 4
    end
  end

  # Reads payments, looks up what they cost, and books them in children.
  class Import
    include Minigun::DSL

    attr_reader :booked, :errors, :retries

    def initialize(lines, bank)
      @lines = lines
      @bank = bank
      @booked = []
      @errors = []
      @retries = Hash.new(0)
    end

    pipeline do
      producer(:lines) { @lines.each { |line| emit line } }

      processor :parse do |line|
        emit JSON.parse(line, symbolize_names: true)
      rescue JSON::ParserError
        @errors << { about: line, reason: "not JSON" }
      end

      processor :look_up do |payment|
        emit payment.merge(fee: @bank.fee(payment[:account]))
      rescue Bank::Unavailable => e
        retry if (@retries[payment[:account]] += 1) < 3
        @errors << { about: payment[:account], reason: e.message }
      end

      process_per_batch(max: 2) do
        consumer :book do |payment|
          raise ArgumentError, "#{payment[:cents]} cents" unless payment[:cents].positive?

          keep(payment[:cents] + payment[:fee])
        rescue ArgumentError => e
          keep_error({ about: payment[:account], reason: e.message })
        end
      end
    end

    private

    # Called in children.
    def keep(cents) = @booked << cents
    def keep_error(error) = @errors << error
  end

  # The same, and children write a line of JSON for each result and each error.
  class ImportByHand < Import
    def initialize(...)
      super
      @file = Tempfile.new("payments")
      @file.close
    end

    pipeline do
      after_run do
        File.foreach(@file.path) do |line|
          result = JSON.parse(line, symbolize_names: true)
          result[:error] ? @errors << result[:error] : @booked << result[:booked]
        end
        @file.unlink
      end
    end

    private

    def keep(cents) = write_down(booked: cents)
    def keep_error(error) = write_down(error: error)

    def write_down(result)
      File.open(@file.path, "a") do |file|
        file.flock(File::LOCK_EX)
        file.puts(result.to_json)
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  lines = ['{"account":"anna","cents":500}', "what?", '{"account":"bert","cents":70}',
           '{"account":"carla","cents":5}', '{"account":"dora","cents":-3}']
  jobs = [PaymentDesk::Import, PaymentDesk::ImportByHand].map do |kind|
    kind.new(lines, PaymentDesk::Bank.new({ "bert" => 1, "carla" => 9 })).tap(&:run)
  end

  puts "booked: #{jobs.first.booked.sort.join(", ")}"
  jobs.first.errors.each { |error| puts "#{error[:about]}: #{error[:reason]}" }
  jobs.first.retries.each { |account, times| puts "#{account} failed #{times} times" }
  puts "both ways agree: #{jobs.map { |job| [job.booked.sort, job.errors, job.retries] }.uniq.size == 1}"
end
