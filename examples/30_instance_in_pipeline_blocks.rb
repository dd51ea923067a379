#!/usr/bin/env ruby
# frozen_string_literal: true

# A pipeline block is evaluated at each run, for the instance that runs. It sees that instance's
# variables and methods, private ones too, so sizes and even the stages themselves can depend on
# what `new` was given.

require_relative "../lib/minigun"

# Prepares texts for any number of readers, as wide and in such portions as it is told.
class TextPreparation
  include Minigun::DSL

  attr_reader :outcome

  def initialize(forms:, threads: 2, portion: 4)
    @forms = forms
    @threads = threads
    @portion = portion
    @outcome = Hash.new { |outcome, form| outcome[form] = [] }
  end

  pipeline do
    producer(:words) { %w[ash birch cedar elm fir larch oak pine rowan yew].each { |word| emit word } }

    threads(@threads) do
      processor(:measure) { |word| emit [word, word.size] }
    end

    batch portion_for_all

    # The names and the number of these stages are the instance's business.
    processor(:fan_out, to: @forms) { |words| emit words.sort }
    @forms.each do |form|
      consumer(form) { |words| words.each { |word, size| @outcome[form] << shape(form, word, size) } }
    end
  end

  private

  # A portion is counted for each of the forms.
  def portion_for_all
    @portion * @forms.size
  end

  def shape(form, word, size)
    case form
    when :loud then word.upcase
    when :short then word[0, 3]
    else "#{word}/#{size}"
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  [TextPreparation.new(forms: [:sized]),
   TextPreparation.new(forms: %i[loud short], threads: 3, portion: 5)].each do |job|
    job.run
    puts "stages: #{job.report.stages.keys.join(" ")}"
    job.outcome.sort.each { |form, texts| puts "  #{form}: #{texts.sort.join(" ")}" }
  end
end
