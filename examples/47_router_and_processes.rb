#!/usr/bin/env ruby
# frozen_string_literal: true

# A router in threads, two stages in processes it chooses between, a batch of what comes out of both,
# and a last stage in processes again. The lists that the last children fill come home.

require_relative "../lib/minigun"

# Cleans the texts and the figures of a survey, each in its own way, and files them together.
class SurveyArchive
  include Minigun::DSL

  attr_reader :filed, :batches, :pids

  def initialize(answers = 60)
    @answers = answers
    @filed = []
    @batches = []
    @pids = Set.new
  end

  pipeline do
    producer :answers do
      @answers.times { |number| emit(number.even? ? number * 10 : " Answer  #{number} ") }
    end

    threads(2) do
      processor(:route) { |answer| emit_to_stage(answer.is_a?(Integer) ? :figures : :texts, answer) }
    end

    processes(2) do
      processor(:figures, to: :gather) { |figure| emit [:figure, figure / 10.0] }
      processor(:texts, to: :gather) { |text| emit [:text, text.squeeze(" ").strip.downcase] }
    end

    accumulator :gather, max_size: 10

    processes(2) do
      consumer :file do |entries|
        @filed.concat(entries)
        @batches << entries.size
        @pids << Process.pid
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = SurveyArchive.new
  job.run

  figures, texts = job.filed.partition { |kind, _value| kind == :figure }.map { |entries| entries.map(&:last) }
  puts "#{figures.size} figures, their sum is #{figures.sum}"
  puts "#{texts.size} texts, from #{texts.min} to #{texts.max}"
  puts "batches: #{job.batches.sort.join(" ")}, filed by this process: #{job.pids.include?(Process.pid)}"
end
