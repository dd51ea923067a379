#!/usr/bin/env ruby
# frozen_string_literal: true

# A thousand items of a hundred bytes cross ten borders between processes. At the end each is
# compared with what was sent, because a pipeline that loses, doubles or mixes up items is no use.

require "zlib"
require_relative "../lib/minigun"

# Turns texts over four times, so that each has to come out as it went in.
class IntegrityCheck
  include Minigun::DSL

  attr_reader :arrived, :batches

  def initialize(items: 1_000, size: 100)
    @items = items
    @size = size
    @arrived = []
    @batches = []
  end

  pipeline do
    producer(:source) { @items.times { |id| emit [id, text(id)] } }

    processes(2) { processor(:reverse) { |id, text| emit [id, text.reverse] } }
    processes(2) { processor(:swap) { |id, text| emit [id, text.swapcase] } }
    processes(2) { processor(:reverse_back) { |id, text| emit [id, text.reverse] } }
    processes(2) { processor(:swap_back) { |id, text| emit [id, text.swapcase] } }

    accumulator :gather, max_size: 100
    processes(2) do
      consumer :keep do |items|
        @batches << items.size
        items.each { |id, text| @arrived << [id, text.bytesize, Zlib.crc32(text)] }
      end
    end
  end

  # @return [Array<Array(Integer, Integer, Integer)>] number, size and checksum of what was sent
  def expected
    Array.new(@items) { |id| [id, @size, Zlib.crc32(text(id))] }
  end

  private

  # The number of the item, repeated and cut to size.
  def text(id)
    "Item #{id}. ".ljust(@size, "item #{id} ")
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = IntegrityCheck.new
  job.run

  puts "#{job.arrived.size} items arrived, #{job.arrived.uniq(&:first).size} different, " \
       "#{job.arrived.sum { |_id, size, _sum| size }} bytes"
  puts "batches: #{job.batches.tally.map { |size, count| "#{count} of #{size}" }.join(", ")}"
  puts "all as they were sent: #{job.arrived.sort == job.expected}"
end
