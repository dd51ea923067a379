#!/usr/bin/env ruby
# frozen_string_literal: true

# Work is dealt out in turn. A stage outside of any context handles one item at a time, in order,
# so it can keep count without a lock; the stage in threads behind it needs one for what it shares.

require_relative "../lib/minigun"

# Sends requests to servers in turn, three at a time.
class RoundRobin
  include Minigun::DSL

  attr_reader :requests

  def initialize(servers: %w[alpha beta gamma], count: 15)
    @servers = servers
    @count = count
    @turn = 0
    @lock = Mutex.new
    @requests = Hash.new { |requests, server| requests[server] = [] }
  end

  pipeline do
    producer(:incoming) { @count.times { |id| emit id } }

    processor :assign do |id|
      emit [@servers[@turn % @servers.size], id]
      @turn += 1
    end

    threads(3) do
      consumer :send do |server, id|
        @lock.synchronize { @requests[server] << id }
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = RoundRobin.new
  job.run

  job.requests.sort.each { |server, ids| puts "#{server}: #{ids.sort.join(" ")}" }
  puts "#{job.requests.size} servers, #{job.requests.values.sum(&:size)} requests"
end
