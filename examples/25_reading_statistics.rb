#!/usr/bin/env ruby
# frozen_string_literal: true

# Every run keeps statistics for each stage, whether it ran here or in children: counts, times,
# and a sample of how long single items took. They answer which stage holds up the others, and how
# slow the slowest items are.

require_relative "../lib/minigun"

# A kitchen in which one station is slower than the rest.
class KitchenLine
  include Minigun::DSL

  attr_reader :served

  def initialize(orders)
    @orders = orders
    @served = 0
  end

  pipeline do
    producer(:orders) { @orders.times { |number| emit number } }

    processor :cook do |number|
      sleep(number % 10 == 9 ? 0.02 : 0.004) # every tenth dish takes longer
      emit number
    end

    consumer(:serve) { |_number| @served += 1 }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = KitchenLine.new(20)
  job.run

  stats = job.report.stats
  puts "stages: #{stats.stages_in_order.map(&:stage_name).join(", ")}"
  puts "#{stats.total_produced} ordered, #{stats.total_consumed} served, #{stats.throughput.round} a second"
  puts "bottleneck: #{stats.bottleneck.stage_name}"

  cook = stats.stage_stats[:cook]
  milliseconds = %i[p50 p90 p99].map { |name| "#{name} #{(cook.public_send(name) * 1000).round(1)} ms" }
  puts "cooking takes #{milliseconds.join(", ")}", ""

  puts stats.summary
end
