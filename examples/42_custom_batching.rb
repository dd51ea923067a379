#!/usr/bin/env ruby
# frozen_string_literal: true

# Batches by rules of one's own: a stage gathers items as it likes and hands each batch to the stage
# that is to have it, with emit_to_stage. A last item tells it to hand over what is left; items of
# one producer arrive in order, so it comes after all others.

require_relative "../lib/minigun"

# Two ways to gather before sending.
module CustomBatching
  # Letters and parcels leave in batches of different sizes.
  class Mailroom
    include Minigun::DSL

    attr_reader :sent

    def initialize
      @limits = { letter: 4, parcel: 2 }
      @waiting = Hash.new { |waiting, kind| waiting[kind] = [] }
      @sent = { letter: [], parcel: [] }
    end

    pipeline do
      producer :post do
        10.times { |number| emit [number % 3 == 2 ? :parcel : :letter, number] }
        emit %i[end of_post]
      end

      # Outside of any context: one item at a time, so the Hash needs no lock.
      processor :gather do |kind, number|
        next @limits.each_key { |each| hand_over(each) } if kind == :end

        @waiting[kind] << number
        hand_over(kind) if @waiting[kind].size == @limits[kind]
      end

      consumer(:letter) { |batch| @sent[:letter] << batch }
      consumer(:parcel) { |batch| @sent[:parcel] << batch }
    end

    private

    def hand_over(kind)
      batch = @waiting.delete(kind)
      emit_to_stage(kind, batch) if batch
    end
  end

  # Nobody gets two newsletters: a Set knows who was seen, and batches go to processes.
  class Newsletter
    include Minigun::DSL

    attr_reader :batches, :reached

    def initialize
      @seen = Set.new
      @batch = []
      @batches = []
      @reached = Set.new
    end

    pipeline do
      producer :readers do
        %w[ann bob cid ann dan bob eve fay ann].each { |name| emit name }
        emit nil
      end

      processor :unique do |name|
        @batch << name if name && @seen.add?(name)
        next unless @batch.size == 4 || name.nil?

        emit_to_stage(:send, @batch)
        @batch = []
      end

      process_per_batch(max: 2) do
        consumer :send do |names|
          @batches << names.size
          @reached.merge(names)
        end
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  mailroom = CustomBatching::Mailroom.new
  mailroom.run
  mailroom.sent.each { |kind, batches| puts "#{kind}: #{batches.map { |batch| batch.join(" ") }.join(" | ")}" }

  newsletter = CustomBatching::Newsletter.new
  newsletter.run
  puts "newsletter: #{newsletter.reached.sort.join(" ")}, in batches of #{newsletter.batches.sort.reverse.join(", ")}"
end
