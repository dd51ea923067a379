#!/usr/bin/env ruby
# frozen_string_literal: true

# Two named pipelines. The second has producers of its own and is fed by the first as well: both
# kinds of items take the same way through it, and the run ends when both sources have ended.

require_relative "../lib/minigun"

# Orders come in from a web shop and by phone, and are packed at one desk.
class PackingDesk
  include Minigun::DSL

  attr_reader :parcels

  def initialize
    @parcels = []
  end

  pipeline :web_shop, to: :packing do
    producer(:carts) { [%w[lamp bulb], %w[desk], %w[chair cushion]].each { |cart| emit cart } }

    # What the last stage of a pipeline emits goes on to the pipelines behind it.
    processor :orders do |cart|
      cart.each { |article| emit({ article: article, ordered: "web" }) }
    end
  end

  pipeline :packing do
    producer(:phone) { %w[sofa shelf].each { |article| emit({ article: article, ordered: "phone" }) } }
    processor(:wrap) { |order| emit order.merge(paper: order[:article].size * 10) }
    consumer(:dispatch) { |parcel| @parcels << parcel }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = PackingDesk.new
  job.run

  job.parcels.group_by { |parcel| parcel[:ordered] }.sort.each do |ordered, parcels|
    puts "#{ordered}: #{parcels.map { |parcel| parcel[:article] }.sort.join(", ")}"
  end
  puts "#{job.parcels.size} parcels, #{job.parcels.sum { |parcel| parcel[:paper] }} cm of paper"
end
