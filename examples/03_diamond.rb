#!/usr/bin/env ruby
# frozen_string_literal: true

# A diamond: `to:` sends every item down two branches, and a later stage gets what both of them
# emit. The merging stage has no context, so it takes one item at a time and needs no lock.

require_relative "../lib/minigun"

# Computes tax and postage of each order separately and puts both on one invoice.
class OrderInvoices
  include Minigun::DSL

  attr_reader :taxes, :postages, :invoices

  def initialize(orders)
    @orders = orders
    @taxes = {}
    @postages = {}
    @invoices = []
    @halves = {}
  end

  pipeline do
    producer(:orders, to: %i[tax postage]) { @orders.each { |order| emit order } }

    processor :tax, to: :merge do |order|
      amount = order[:net] / 5
      @taxes[order[:id]] = amount
      emit({ id: order[:id], net: order[:net], tax: amount })
    end

    processor :postage, to: :merge do |order|
      amount = order[:grams] > 1_000 ? 9 : 4
      @postages[order[:id]] = amount
      emit({ id: order[:id], postage: amount })
    end

    # Whichever half comes second completes the order.
    processor :merge do |half|
      other = @halves.delete(half[:id])
      other ? emit(other.merge(half)) : @halves[half[:id]] = half
    end

    consumer :invoice do |order|
      @invoices << [order[:id], order.values_at(:net, :tax, :postage).sum]
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  orders = (1..5).map { |id| { id: id, net: id * 100, grams: id * 400 } }
  job = OrderInvoices.new(orders)
  job.run

  puts "taxes: #{job.taxes.sort.map(&:last).join(", ")}"
  puts "postages: #{job.postages.sort.map(&:last).join(", ")}"
  job.invoices.sort.each { |id, total| puts "order #{id}: #{total}" }
end
