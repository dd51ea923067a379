#!/usr/bin/env ruby
# frozen_string_literal: true

# Items are classified one by one and counted in batches of five, each batch in a child process. The
# children add to one Hash of the instance, and the parent has the sums.

require_relative "../lib/minigun"

# Sorts the messages of a mailbox into kinds.
class MailboxCensus
  include Minigun::DSL

  attr_reader :counts, :batches

  def initialize
    @counts = Hash.new(0)
    @batches = []
  end

  pipeline do
    producer :messages do
      subjects = ["Invoice 17", "Lunch?", "50% off today", "Build failed", "Re: invoice"]
      25.times { |number| emit "#{subjects[number % 5]} (#{number})" }
    end

    processor(:classify) { |subject| emit kind_of(subject) }
    batch 5

    process_per_batch(max: 2) do
      consumer :count do |kinds|
        kinds.each { |kind| @counts[kind] += 1 }
        @batches << kinds.size
      end
    end
  end

  private

  def kind_of(subject)
    case subject
    when /invoice/i then :bills
    when /% off/ then :advertising
    when /failed/ then :alarms
    else :personal
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = MailboxCensus.new
  job.run

  job.counts.sort.each { |kind, count| puts "#{kind}: #{count}" }
  puts "#{job.counts.values.sum} messages in batches of #{job.batches.join(", ")}"
end
