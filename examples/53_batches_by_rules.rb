#!/usr/bin/env ruby
# frozen_string_literal: true

# Batches by rules: of one table each, without rows that are in them already, of so many bytes at most,
# and not for longer than so many seconds, though nothing more comes. Then other batches are made of the
# same rows.

require_relative "../lib/minigun"

# Two jobs.
module BatchesByRules
  Row = Struct.new(:table, :id, :text) unless const_defined?(:Row)

  # Gathers changed rows for a search index, which takes one table at a time, and for a backup.
  class IndexFeed
    include Minigun::DSL

    attr_reader :requests, :backups

    def initialize
      @requests = []
      @backups = []
    end

    pipeline do
      producer(:changes) { changed.each { |row| emit row } }

      accumulator :gather, by: :table, uniq: :id, max_size: 3, max_bytes: 60,
                           bytes_of: ->(row) { row.text.bytesize }, to: :index
      process_per_batch(max: 2) do
        consumer(:index) { |rows| @requests << "#{rows.first.table} #{rows.map(&:id).join(",")}" }
      end

      debatch from: :gather
      batch 4
      consumer(:backup) { |rows| @backups << rows.size }
    end

    private

    # A user who has changed twice, a text that is large, one that is too large.
    def changed
      [[:users, 1, "Ada"], [:posts, 1, "a" * 40], [:users, 1, "Ada L."], [:users, 2, "Alan"], [:posts, 2, "b" * 30],
       [:posts, 3, "c" * 90], [:users, 3, "Grace"], [:tags, 1, "ruby"], [:tags, 2, "fork"]].map { |row| Row.new(*row) }
    end
  end

  # A source that goes quiet: what it has sent does not wait for more.
  class Alarms
    include Minigun::DSL

    attr_reader :sent

    def initialize
      @sent = []
      @heard = Thread::Queue.new
    end

    pipeline do
      producer :sensor do
        %w[smoke fire].each do |alarm|
          emit alarm
          @heard.pop # nothing comes until the last alarm has arrived
        end
      end
      batch 100, max_wait: 0.1
      consumer :siren do |alarms|
        @sent << alarms
        @heard << true
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  feed = BatchesByRules::IndexFeed.new
  feed.run
  puts feed.requests.sort
  puts "backups of #{feed.backups.join(", ")} rows"

  alarms = BatchesByRules::Alarms.new
  alarms.run
  alarms.sent.each { |batch| puts "alarm: #{batch.join(", ")}" }
end
