#!/usr/bin/env ruby
# frozen_string_literal: true

# Three stages in a row, each in processes of its own. Items go from child to child through the
# parent, and what each stage counts comes home.

require_relative "../lib/minigun"

# Makes the printing plates of a photo book.
class PhotoBook
  include Minigun::DSL

  attr_reader :counts, :pids, :plates

  def initialize(photos = 50)
    @photos = photos
    @counts = Hash.new(0)
    @pids = Hash.new { |pids, stage| pids[stage] = Set.new }
    @plates = []
  end

  pipeline do
    producer(:photos) { @photos.times { |number| emit({ number: number, width: 4_000 + number }) } }

    processes(2) { processor(:scale) { |photo| pass(:scale, photo.merge(width: photo[:width] / 4)) } }
    processes(3) { processor(:sharpen) { |photo| pass(:sharpen, photo.merge(sharp: true)) } }
    processes(2) { processor(:separate) { |photo| %i[cyan black].each { |ink| pass(:separate, [ink, photo]) } } }

    consumer(:collect) { |plate| @plates << plate }
  end

  private

  def pass(stage, item)
    @counts[stage] += 1
    @pids[stage] << Process.pid
    emit item
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = PhotoBook.new
  job.run

  job.counts.sort.each { |stage, count| puts "#{stage}: #{count}" }
  pids = job.pids.values.map(&:to_a)
  puts "no child works for two stages: #{pids.flatten.uniq.size == pids.sum(&:size)}"
  puts "plates: #{job.plates.map(&:first).tally.sort.join(" ")}, all sharp: #{job.plates.all? { |_, one| one[:sharp] }}"
  puts "widths: #{job.plates.map { |_, photo| photo[:width] }.uniq.sort.join(" ")}"
end
