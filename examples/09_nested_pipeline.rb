#!/usr/bin/env ruby
# frozen_string_literal: true

# A pipeline inside a pipeline: several stages under one name, at their place in the chain. Items
# flow in and out by default routing, and the outer pipeline sees one stage.

require_relative "../lib/minigun"

# Brings telephone numbers into one form.
class PhoneBook
  include Minigun::DSL

  attr_reader :numbers

  def initialize(entries)
    @entries = entries
    @numbers = []
  end

  pipeline do
    producer(:entries) { @entries.each { |entry| emit entry } }

    pipeline :normalize do
      processor(:digits) { |entry| emit entry.gsub(/[^\d+]/, "") }
      processor(:complete) { |number| emit number if number.size >= 7 }
      processor(:international) { |number| emit number.sub(/\A0/, "+44") }
    end

    consumer(:collect) { |number| @numbers << number }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = PhoneBook.new(["01632 960-001", "+1 (202) 555 0123", "12", "(01632) 960 002"])
  job.run

  puts job.numbers
  puts job.class._minigun_task.dag
end
