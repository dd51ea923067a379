#!/usr/bin/env ruby
# frozen_string_literal: true

# Extract in threads, transform in batches, load in processes. `next` leaves an item out; the
# accumulator's block emits portions of its own size in place of the batch.

require_relative "../lib/minigun"

# Brings customers from an export into another system.
class CustomerTransfer
  include Minigun::DSL

  attr_reader :skipped, :portions, :loaded

  def initialize
    @lock = Mutex.new
    @skipped = []
    @portions = []
    @loaded = []
  end

  pipeline do
    producer(:export) { 15.times { |id| emit "#{id};customer #{id};#{"blocked" if id % 5 == 4}" } }

    threads(3) do
      processor :extract do |line|
        id, name, state = line.chomp.split(";")
        if state == "blocked"
          @lock.synchronize { @skipped << name }
          next
        end

        emit({ id: id.to_i, name: name })
      end
    end

    accumulator :transform, max_size: 6 do |customers|
      customers.map { |customer| customer.merge(name: customer[:name].capitalize) }
               .each_slice(3) { |portion| emit portion }
    end

    process_per_batch(max: 2) do
      consumer :load do |customers|
        @portions << customers.size
        @loaded.concat(customers)
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = CustomerTransfer.new
  extracted = job.run

  puts "#{extracted} lines, left out: #{job.skipped.sort_by { |name| name[/\d+/].to_i }.join(", ")}"
  puts "loaded in portions of #{job.portions.join(", ")}"
  job.loaded.sort_by { |customer| customer[:id] }.each { |customer| puts "  #{customer[:id]} #{customer[:name]}" }
end
