#!/usr/bin/env ruby
# frozen_string_literal: true

# An item may be an Array, and a block with several parameters gets its elements spread over them:
# a simple way to carry a key beside the data. Time#iso8601, to_json, Set and Logger are there
# without a `require` of your own, and `run` returns how many items the sources produced.

require_relative "../lib/minigun"

# Publishes the rows of a table with the time at which each was prepared.
class RowPublisher
  include Minigun::DSL

  attr_reader :published, :enriched, :log

  # @param clock [#call] returns the time; one that can be set makes the output reproducible
  def initialize(rows, clock: -> { Time.now.utc })
    @rows = rows
    @clock = clock
    @published = {}
    @enriched = 0
    @log = []
  end

  pipeline do
    before_run { @log << "started at #{@clock.call.iso8601}" }
    after_run { @log << "published #{@published.size} rows" }

    producer(:rows) { @rows.each { |id, name| emit [{ name: name }, id] } }

    processor :enrich do |row, id|
      emit [row.merge(at: (@clock.call + id).iso8601), id]
    end
    after(:enrich) { @enriched += 1 }

    consumer(:publish) { |row, id| @published[id] = row }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = RowPublisher.new((1..20).to_h { |id| [id, "row #{id}"] }, clock: -> { Time.at(1_600_000_000).utc })
  produced = job.run

  puts job.log
  puts "produced #{produced}, enriched #{job.enriched}"
  puts "ids: #{job.published.keys.join(" ")}"
  puts "the last one: #{job.published[20].to_json}"
end
