#!/usr/bin/env ruby
# frozen_string_literal: true

# Named pipelines: a larger job in parts with a name each, joined with `to:`. Whatever the last
# stage of one part emits goes on to the next part, while the first is still at work.

require_relative "../lib/minigun"

# Reads a text, cleans it, and counts how often each word is used.
class WordFrequencies
  include Minigun::DSL

  attr_reader :counts

  def initialize(text)
    @text = text
    @counts = Hash.new(0)
  end

  pipeline :reading, to: :cleaning do
    producer(:lines) { @text.each_line { |line| emit line } }
    processor(:words) { |line| line.split.each { |word| emit word } }
  end

  pipeline :cleaning, to: :counting do
    processor(:letters) { |word| emit word.downcase.gsub(/[^a-z]/, "") }
    processor(:real_words) { |word| emit word if word.size > 2 }
  end

  pipeline :counting do
    consumer(:count) { |word| @counts[word] += 1 }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = WordFrequencies.new(<<~TEXT)
    The quick fox jumps over the lazy dog.
    The dog is not amused; the fox is.
  TEXT
  job.run

  job.counts.sort_by { |word, count| [-count, word] }.first(4).each { |word, count| puts "#{word}: #{count}" }
end
