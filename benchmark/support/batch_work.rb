# frozen_string_literal: true

require_relative "../../lib/minigun"
require_relative "records"

module Bench
  # Rows, batches of them, and what is done with one: as functions for the peers, and as a user's class.
  class BatchWork
    include Minigun::DSL

    # Rows in a batch.
    SIZE = 500

    class << self
      def each_row(count)
        count.times { |number| yield Records.hash(number) }
      end

      def each_batch(count, &block)
        batch = []
        each_row(count) do |row|
          batch << row
          next if batch.size < SIZE

          yield batch
          batch = []
        end
        block.call(batch) unless batch.empty?
      end

      def work(rows)
        rows.map { |row| { id: row[:id], name: row[:name], total: row[:id] * 2 } }
      end

      def inline(count)
        results = []
        each_batch(count) { |rows| results.concat(work(rows)) }
        results
      end
    end

    attr_reader :results

    def initialize = @results = []

    private

    def each_row(count, &block) = BatchWork.each_row(count, &block)
    def work(rows) = BatchWork.work(rows)
  end
end
