#!/usr/bin/env ruby
# frozen_string_literal: true

# Explicit and default routing in one pipeline. `to:` is needed only where the way leaves the
# written order: a stage without it goes on to the next one, except that the branches of one
# fan-out are not chained to each other.
#
#   letters -+-> local -----------------+
#            +-> abroad -> customs -----+-> delivered

require_relative "../lib/minigun"

# Sorts letters by where they go.
class MailSorting
  include Minigun::DSL

  attr_reader :local, :abroad, :delivered

  def initialize(letters)
    @letters = letters
    @local = []
    @abroad = []
    @delivered = []
  end

  pipeline do
    producer(:letters, to: %i[local abroad]) { @letters.each { |letter| emit letter } }

    processor :local, to: :delivered do |letter|
      next if letter[:country]

      @local << letter[:id]
      emit "#{letter[:id]} by bicycle"
    end

    processor :abroad do |letter| # goes on to :customs, the next stage
      next unless letter[:country]

      @abroad << letter[:id]
      emit letter
    end

    processor(:customs, to: :delivered) { |letter| emit "#{letter[:id]} to #{letter[:country]}" }

    consumer(:delivered) { |line| @delivered << line }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = MailSorting.new([{ id: 1 }, { id: 2, country: "Peru" }, { id: 3 }, { id: 4, country: "Japan" }])
  job.run

  puts "local: #{job.local.join(", ")}", "abroad: #{job.abroad.join(", ")}"
  puts job.delivered.sort
end
