#!/usr/bin/env ruby
# frozen_string_literal: true

# Counters and collections that all processes of a run change and see at any moment: progress
# while forked workers are still busy, and totals that survive a worker which is killed.
#
#   ruby examples/52_shared_collections.rb

require_relative "../lib/minigun"

# Counts sentences, words, and in how many sentences a word stands.
class SharedTally
  include Minigun::DSL

  shared_counter :sentences, :words
  shared_hash :seen
  shared_array :refused, capacity: 64 * 1024

  pipeline do
    producer :read do
      ["the fox sees the hen", "the hen sees the fox", "a fox is quick", "a hen is not", "poison",
       "the quick fox naps", "the hen counts to ten", "a hen naps"].each { |sentence| emit(sentence) }
    end

    processes(2) do
      consumer :count do |sentence|
        if sentence == "poison"
          refused << sentence # told before the worker dies, so it stays told
          Process.kill(:KILL, Process.pid)
        end
        sentences.increment
        words.increment(sentence.split.size)
        sentence.split.uniq.each do |word|
          seen.update(word, { size: word.size, times: 0 }) { |entry| entry.merge(times: entry[:times] + 1) }
        end
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::FATAL # the death of a worker is logged as an error
  job = SharedTally.new
  job.run
  puts "#{job.sentences} sentences, #{job.words} words, #{job.seen.size} different ones"
  most = job.seen.max_by { |word, entry| [entry[:times], word] }
  puts "in most sentences: #{most.first} (#{most.last[:times]})"
  puts "refused: #{job.refused.to_a.join(", ")}; failed: #{job.report.failed}"
end
