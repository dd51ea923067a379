#!/usr/bin/env ruby
# frozen_string_literal: true

# Stages feed one another in the order in which they are written: without any routing a pipeline
# reads from top to bottom. `max_threads` sets the width of every thread pool that is given no
# size of its own, so a program has one place to say how wide it may get.

require_relative "../lib/minigun"

# Turns net prices into labels for the shelf.
class PriceLabels
  include Minigun::DSL

  max_threads 3

  attr_reader :labels

  def initialize(net_prices)
    @net_prices = net_prices
    @labels = []
  end

  pipeline do
    producer(:prices) { @net_prices.each { |product, cents| emit [product, cents] } }

    # nil: as many threads as `max_threads` says.
    threads(nil) do
      processor(:add_tax) { |product, cents| emit [product, (cents * 1.2).round] }
    end

    processor(:print) { |product, cents| emit "#{product}: #{format("%.2f", cents / 100.0)}" }
    consumer(:collect) { |label| @labels << label }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = PriceLabels.new({ "apples" => 100, "bread" => 250, "cheese" => 1_050 })
  job.run

  puts job.labels.sort

  # After a run the graph that came of it can be printed.
  puts job.class._minigun_task.dag
end
