#!/usr/bin/env ruby
# frozen_string_literal: true

# What a block in a child adds to the Arrays, Hashes and Sets of the instance is added in the parent
# too, nested ones and those of hooks included. A variable that is assigned anew stays in the child:
# nobody could say how the values of several children go together.

require_relative "../lib/minigun"

# Evaluates lines of text in children and keeps the outcome in all kinds of containers.
class LineStatistics
  include Minigun::DSL

  attr_reader :sizes, :words, :letters, :index, :calls, :children, :total, :last

  def initialize
    @sizes = []
    @words = Hash.new(0)
    @letters = Set.new
    @index = { short: { count: 0, words: Set.new, by_size: {} }, long: { count: 0, words: Set.new, by_size: {} } }
    @calls = Hash.new(0)
    @children = []
    @total = 0
    @last = nil
  end

  pipeline do
    producer :lines do
      ["to be or not to be", "that is the question", "whether it is nobler"].each { |line| emit line }
    end

    before(:evaluate) { @calls[:before] += 1 }
    after(:evaluate) { @calls[:after] += 1 }

    process_per_batch(max: 2) do
      after_fork(:evaluate) { @children << Process.pid }

      consumer :evaluate do |line|
        @sizes << line.size
        @letters.merge(line.delete(" ").chars)
        line.split.each { |word| evaluate(word) }
        # These two stay in the child.
        @total += line.size
        @last = line
      end
    end
  end

  private

  def evaluate(word)
    @words[word] += 1
    entry = @index[word.size < 4 ? :short : :long]
    entry[:count] += 1
    entry[:words] << word
    (entry[:by_size][word.size] ||= []) << word
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = LineStatistics.new
  job.run

  puts "Array: #{job.sizes.sort.join(" ")}"
  puts "Hash with a default: #{job.words.sort.map { |word, count| "#{word} #{count}" }.join(", ")}"
  puts "Set: #{job.letters.sort.join}"
  job.index.each do |kind, entry|
    puts "nested, #{kind}: #{entry[:count]} words, #{entry[:words].size} different"
    entry[:by_size].sort.each { |size, words| puts "  #{size}: #{words.sort.join(" ")}" }
  end
  puts "hooks: #{job.calls.sort.map { |hook, count| "#{hook} #{count}" }.join(", ")}, " \
       "after_fork in #{(job.children.uniq - [Process.pid]).size} children"
  puts "assigned anew: total #{job.total}, last #{job.last.inspect}"
end
