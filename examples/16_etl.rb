#!/usr/bin/env ruby
# frozen_string_literal: true

# Extract, transform, load: the classic three steps, each a stage. The steps overlap: the first
# record is loaded while later ones are still being read.

require_relative "../lib/minigun"

# Moves members from a text export into a table.
class MemberImport
  include Minigun::DSL

  attr_reader :extracted, :transformed, :table

  # @param now [Time] the mark of this import on each record
  def initialize(export, now: Time.now.utc)
    @export = export
    @now = now
    @extracted = []
    @transformed = []
    @table = {}
  end

  pipeline do
    producer :extract do
      @export.each_line(chomp: true) do |line|
        @extracted << line
        emit line
      end
    end

    processor :transform do |line|
      id, name, joined = line.split(";")
      record = { id: Integer(id), name: name.strip.capitalize, year: Integer(joined[0, 4]) }
      @transformed << record
      emit record
    end

    consumer(:load) { |record| @table[record[:id]] = record.merge(loaded_at: @now.iso8601) }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = MemberImport.new(<<~EXPORT, now: Time.at(1_600_000_000).utc)
    7;ADA;1979-12-10
    8; grace;1986-12-09
    9;Barbara ;2008-03-01
    10;radia;1951-12-18
    11;frances;1932-08-04
  EXPORT
  job.run

  puts "#{job.extracted.size} extracted, #{job.transformed.size} transformed, #{job.table.size} loaded"
  job.table.each_value { |record| puts record.values.join(" ") }
end
