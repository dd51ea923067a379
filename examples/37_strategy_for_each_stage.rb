#!/usr/bin/env ruby
# frozen_string_literal: true

# A strategy for each stage: a context with a name where the work waits, threads where it is short,
# batches and processes where it computes, the parent where the results are kept. The same job twice:
# the children's count as it comes home by itself, and by way of a file.

require "json"
require "tempfile"
require_relative "../lib/minigun"

# Imports the entries of news feeds.
module FeedImport
  # A number of the instance's Hash that a child adds to is added to in the parent.
  class ByHash
    include Minigun::DSL

    attr_reader :stats, :entries

    def initialize(feeds: 10, fetchers: 4, parsers: 2, batch_size: 3)
      @feeds = feeds
      @fetchers = fetchers
      @parsers = parsers
      @batch_size = batch_size
      @stats = Hash.new(0)
      @entries = []
    end

    pipeline do
      execution_context :network, :threads, @fetchers

      producer(:feeds) { @feeds.times { |number| emit number } }
      processor(:fetch, execution_context: :network) { |number| emit document(number) }
      threads(2) do
        processor(:check) { |text| emit text if text.start_with?("{") }
      end
      batch @batch_size
      process_per_batch(max: @parsers) do
        processor(:parse) { |texts| parse(texts).each { |entry| emit entry } }
      end
      consumer(:store) { |entry| @entries << entry }

      after_run { gather }
    end

    private

    def document(number)
      return "404 not found" if number % 5 == 4

      { feed: number, entries: %w[first second third].take(1 + (number % 3)) }.to_json
    end

    def parse(texts)
      texts.flat_map { |text| JSON.parse(text)["entries"] }.tap { |entries| count(entries.size) }
    end

    def count(parsed)
      @stats[:parsed] += parsed
    end

    # It is here already.
    def gather; end
  end

  # By hand: each child appends its count to a file under a lock, a hook adds them up.
  class ByFile < ByHash
    def initialize(**options)
      super
      @file = Tempfile.new("counts")
      @file.close
    end

    private

    def count(parsed)
      File.open(@file.path, "a") do |file|
        file.flock(File::LOCK_EX)
        file.puts parsed
      end
    end

    def gather
      @stats[:parsed] = File.foreach(@file.path).sum(&:to_i)
      @file.unlink
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  [{}, { feeds: 40, fetchers: 8, batch_size: 16 }].each do |options|
    jobs = [FeedImport::ByHash, FeedImport::ByFile].map { |job| job.new(**options).tap(&:run) }
    job = jobs.first
    fetched, usable, batches = job.report.stages.values_at(:fetch, :check, :_batch_0).map { |stage| stage[:produced] }
    puts "#{fetched} feeds, #{usable} usable, in #{batches} batches"
    puts "  parsed #{job.stats[:parsed]}, stored #{job.entries.tally.sort.join(" ")}"
    puts "  both ways agree: #{jobs.map { |one| [one.stats, one.entries.tally] }.uniq.size == 1}"
  end
end
