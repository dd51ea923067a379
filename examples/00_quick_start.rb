#!/usr/bin/env ruby
# frozen_string_literal: true

# What a forked block collects and emits comes home.

require_relative "../lib/minigun"

# Counts words in forked children, one for each batch of lines.
class WordCount
  include Minigun::DSL

  attr_reader :totals, :longest

  def initialize
    @totals = Hash.new(0)
    @longest = []
  end

  pipeline do
    producer(:lines) { ["fork safe", "fork fast", "share memory"].each { |line| emit line } }
    batch 2
    process_per_batch(max: 2) do
      processor :count do |lines|
        lines.flat_map(&:split).each { |word| @totals[word] += 1 } # in a child ...
        emit lines.max_by(&:size)
      end
    end
    consumer(:collect) { |line| @longest << line }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = WordCount.new
  job.run

  # ... and here in the parent.
  job.totals.sort.each { |word, count| puts "#{word}: #{count}" }
  puts "longest of each batch: #{job.longest.sort.join(", ")}"
end
