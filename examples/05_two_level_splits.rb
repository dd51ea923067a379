#!/usr/bin/env ruby
# frozen_string_literal: true

# Splits in two levels. Each branch filters by emitting only what belongs to it, and splits again;
# one consumer at the end can hang on several branches, or on the source itself.
#
#   tickets -+-> all
#            +-> bugs ------+-> urgent
#            |              +-> answers
#            +-> questions -+
#                           +-> manual

require_relative "../lib/minigun"

# Sorts the day's tickets of a help desk.
class HelpDesk
  include Minigun::DSL

  attr_reader :all, :urgent, :answers, :manual, :skipped

  def initialize(tickets)
    @tickets = tickets
    @all = []
    @urgent = []
    @answers = []
    @manual = []
    @skipped = []
  end

  pipeline do
    producer(:tickets, to: %i[bugs questions all]) { @tickets.each { |ticket| emit ticket } }

    processor(:bugs, to: %i[urgent answers]) { |ticket| emit ticket if ticket[:kind] == :bug }

    processor :questions, to: %i[answers manual] do |ticket|
      next if ticket[:kind] == :bug
      next @skipped << ticket[:id] if ticket[:kind] == :spam

      emit ticket
    end

    consumer(:all) { |ticket| @all << ticket[:id] }
    consumer(:urgent) { |ticket| @urgent << ticket[:id] if ticket[:customers] > 10 }
    consumer(:answers) { |ticket| @answers << ticket[:id] } # bugs and questions alike
    consumer(:manual) { |ticket| @manual << ticket[:id] if ticket[:kind] == :how_to }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = HelpDesk.new([{ id: 1, kind: :bug, customers: 40 }, { id: 2, kind: :question, customers: 1 },
                      { id: 3, kind: :bug, customers: 2 }, { id: 4, kind: :spam, customers: 0 },
                      { id: 5, kind: :how_to, customers: 1 }])
  job.run

  %i[all urgent answers manual skipped].each { |list| puts "#{list}: #{job.public_send(list).sort.join(", ")}" }
end
