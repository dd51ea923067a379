#!/usr/bin/env ruby
# frozen_string_literal: true

# A named pipeline that feeds two others: both get every item and work on it side by side, each
# with stages of its own. The item is one object, so a branch adds to a copy of it.

require_relative "../lib/minigun"

# Measurements are watched and kept at the same time.
class WeatherStation
  include Minigun::DSL

  attr_reader :celsius, :alarms, :rows, :days

  def initialize(readings)
    @readings = readings
    @celsius = []
    @alarms = []
    @rows = []
    @days = []
  end

  pipeline :measuring, to: %i[watching keeping] do
    producer(:readings) { @readings.each { |day, kelvin| emit({ day: day, kelvin: kelvin }) } }
    processor(:convert) { |reading| emit reading.merge(celsius: (reading[:kelvin] - 273.15).round(1)) }
  end

  pipeline :watching do
    processor :judge do |reading|
      @celsius << reading[:celsius]
      emit reading.merge(alarm: reading[:celsius] > 30, frost: reading[:celsius].negative?)
    end
    consumer(:alarm) { |reading| @alarms << reading[:day] if reading[:alarm] || reading[:frost] }
  end

  pipeline :keeping do
    processor(:to_row) { |reading| (@rows << reading.values_at(:day, :celsius).join(",")) && emit(reading) }
    consumer(:remember) { |reading| @days << reading[:day] }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = WeatherStation.new({ "Mon" => 295.15, "Tue" => 304.65, "Wed" => 271.05, "Thu" => 288.15, "Fri" => 290.65 })
  job.run

  puts "celsius: #{job.celsius.join(" ")}"
  puts "alarms: #{job.alarms.join(" ")}"
  puts "rows: #{job.rows.join(" ")}"
  puts "days: #{job.days.join(" ")}"
end
