#!/usr/bin/env ruby
# frozen_string_literal: true

# Three sources feed one chain. Each producer runs once, all at the same time, and all send to the
# first stage after them: the rules for a reading stand in one place, wherever it comes from.

require_relative "../lib/minigun"

# Collects temperatures from stations that measure in different units.
class TemperatureFeeds
  include Minigun::DSL

  attr_reader :readings

  def initialize
    @readings = []
  end

  pipeline do
    producer(:harbour) { [12.4, 12.9, 13.1].each { |celsius| emit ["harbour", celsius] } }
    producer(:airport) { [54.1, 999.9, 55.4].each { |fahrenheit| emit ["airport", (fahrenheit - 32) / 1.8] } }
    producer(:summit) { [270.2, 268.9].each { |kelvin| emit ["summit", kelvin - 273.15] } }

    # An item that is an Array is spread over the block's parameters.
    processor :check do |station, celsius|
      emit [station, celsius.round(1)] if celsius.between?(-60, 60)
    end

    consumer(:keep) { |reading| @readings << reading }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = TemperatureFeeds.new
  measured = job.run

  job.readings.group_by(&:first).sort.each do |station, readings|
    emitted = job.report.stages[station.to_sym][:produced]
    puts "#{station}: #{emitted} measured, kept #{readings.map(&:last).join(", ")}"
  end
  puts "#{job.readings.size} of #{measured} readings kept"
end
