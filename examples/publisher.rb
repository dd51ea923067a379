#!/usr/bin/env ruby
# frozen_string_literal: true

# Publishes the changed records of two models, words and groups of anagrams, from PostgreSQL to a sink that fails
# now and then. Killed at any moment, it goes on from its last checkpoint when it is started again.
#
#   ruby examples/publisher.rb                 # a PostgreSQL server of its own, for the time of the run
#   PUBLISHER_DATABASE=postgres://... ruby examples/publisher.rb [--words N] [--fresh]
#
# It needs the gems sequel and pg, and where no server is given, PostgreSQL's programs. Everything is kept in
# the schema minigun_publisher. docs/publisher.md shows the same job by hand.

require_relative "../lib/minigun"
require_relative "publisher/catalog"
require_relative "publisher/command_line"
require_relative "publisher/sink"
require_relative "publisher/throwaway_postgres"

module Publisher
  # The job.
  class Job
    include Minigun::DSL

    # Records by model, counted in the children that published them.
    shared_hash :published
    # What has been taken on in this run.
    shared_set :seen

    # @return [Hash{String => Integer}] requests by model; children add to it
    attr_reader :requests

    # @return [Array<String>] what was given up, and why
    attr_reader :lost

    # @param catalog [Catalog]
    # @param sink [Sink]
    def initialize(catalog, sink)
      @catalog = catalog
      @sink = sink
      @requests = Hash.new(0)
      @lost = []
    end

    pipeline do
      reconnect :sequel

      producer(:changes) { @catalog.each_change { |change| emit change } }
      processor(:once) { |change| emit change if seen.add?(change) }

      batch 100, by: :first, max_total: 500, max_wait: 1 # what one request takes: records of one model
      batch 8                                            # what a child gets at once, for its threads

      processes 2, threads: 4 do
        consumer :publish, retries: 8, backoff: { base: 0.01, max: 1 } do |changes|
          publish(changes.first.first, changes.map(&:last))
        end
      end

      on_failure { |changes, error| @lost << "#{changes.inspect}: #{error.message}" }
      checkpoint(every: 1_000) { |position| @catalog.position = position }
    end

    private

    def publish(model, ids)
      documents = @catalog.documents(model, ids)
      @requests[model] += 1
      @sink.write(model, documents)
      published.add(model, documents.size)
    end
  end
end

exit Publisher::CommandLine.new(ARGV).run if $PROGRAM_NAME == __FILE__
