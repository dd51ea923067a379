#!/usr/bin/env ruby
# frozen_string_literal: true

# Items with a priority. What is urgent goes straight to a stage of its own, in threads; the rest is
# gathered, put in order and worked off, the most important first.

require_relative "../lib/minigun"

# Answers the tickets of a support desk.
class SupportDesk
  include Minigun::DSL

  attr_reader :paths, :order

  def initialize
    @lock = Mutex.new
    @paths = Hash.new(0)
    @order = []
  end

  pipeline do
    producer :tickets do
      ["typo on page 3", "site down", "new logo?", "login fails", "slow search",
       "server down", "thank you", "export fails", "wrong colour", "mail down"].each { |text| emit text }
    end

    processor :triage do |text|
      priority = priority_of(text)
      emit_to_stage(priority == 1 ? :urgent : :waiting, [priority, text])
    end

    threads(3) do
      consumer(:urgent) { |_priority, _text| @lock.synchronize { @paths[:urgent] += 1 } }
    end

    # What an accumulator's block emits goes on in place of the batch.
    accumulator :waiting, max_size: 10 do |tickets|
      tickets.sort.each { |ticket| emit ticket }
    end

    consumer :desk do |priority, text|
      @lock.synchronize { @paths[:desk] += 1 }
      @order << "#{priority} #{text}"
    end
  end

  private

  def priority_of(text)
    case text
    when /down/ then 1
    when /fails/ then 2
    when /slow|wrong|typo/ then 3
    else 4
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = SupportDesk.new
  job.run

  job.paths.sort.each { |path, count| puts "#{path}: #{count}" }
  puts "order at the desk:"
  job.order.each { |ticket| puts "  #{ticket}" }
end
