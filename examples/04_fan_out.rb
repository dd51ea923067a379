#!/usr/bin/env ruby
# frozen_string_literal: true

# A fan-out: three consumers each get every item. Each of them sees the items in the order in which
# they were emitted, so what came first is handled first everywhere, whatever the others do.

require_relative "../lib/minigun"

# Tells three departments about new members.
class MemberWelcome
  include Minigun::DSL

  attr_reader :letters, :badges, :seats

  def initialize(names)
    @names = names
    @letters = []
    @badges = []
    @seats = {}
  end

  pipeline do
    producer :members, to: %i[letter badge seat] do
      @names.each.with_index(1) { |name, number| emit({ name: name, number: number }) }
    end

    consumer(:letter) { |member| @letters << "Dear #{member[:name]}, welcome!" }
    consumer(:badge) { |member| @badges << "#{member[:name].upcase}, no. #{member[:number]}" }
    consumer(:seat) { |member| @seats[member[:name]] = "row #{(member[:number] / 2.0).ceil}" }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = MemberWelcome.new(%w[Ada Grace Barbara])
  job.run

  puts job.letters, job.badges
  job.seats.each { |name, row| puts "#{name}: #{row}" }
end
