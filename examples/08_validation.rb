#!/usr/bin/env ruby
# frozen_string_literal: true

# Named pipelines that check what they get: what is bad is put aside with its reason, what is good
# goes on. Hooks written inside a named pipeline belong to it: `before_run` and `after_run` to the
# whole of its work, `before` and `after` to each item of a stage.

require_relative "../lib/minigun"

# Takes in parcels, checks them, and sends them by road or by air.
class ParcelService
  include Minigun::DSL

  attr_reader :rejected, :by_road, :by_air, :log

  def initialize(parcels)
    @parcels = parcels
    @rejected = {}
    @by_road = []
    @by_air = []
    @log = []
    @scanned = 0
    @checked = 0
  end

  pipeline :intake, to: :checking do
    before_run { @log << "intake opens" }
    after_run { @log << "intake closes after #{@scanned} parcels" }
    before(:scan) { @scanned += 1 }

    producer(:parcels) { @parcels.each { |parcel| emit parcel } }
    processor(:scan) { |parcel| emit parcel }
  end

  pipeline :checking, to: %i[road air] do
    after_run { @log << "#{@checked} parcels passed the check or failed it" }
    after(:check) { @checked += 1 }

    processor :check do |parcel|
      problem = problem_with(parcel)
      problem ? @rejected[parcel[:id]] = problem : emit(parcel)
    end
  end

  pipeline :road do
    consumer(:trucks) { |parcel| @by_road << parcel[:id] unless parcel[:express] }
  end

  pipeline :air do
    consumer(:planes) { |parcel| @by_air << parcel[:id] if parcel[:express] }
  end

  private

  def problem_with(parcel)
    return "no address" if parcel[:to].to_s.empty?

    "too heavy" if parcel[:kilos] > 30
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  parcels = (1..10).map do |id|
    { id: id, to: id == 4 ? "" : "street #{id}", kilos: id * 4, express: (id % 3).zero? }
  end
  job = ParcelService.new(parcels)
  job.run

  puts "road: #{job.by_road.join(", ")}"
  puts "air: #{job.by_air.join(", ")}"
  job.rejected.each { |id, reason| puts "rejected #{id}: #{reason}" }
  puts job.log.sort
end
