#!/usr/bin/env ruby
# frozen_string_literal: true

# A service that takes 100 calls a second and 2 at once, called from six processes. The rate and the
# limit are those of the stage: they hold over all its processes, one that is killed included.
#
#   ruby examples/61_rate_and_limit.rb

require_relative "../lib/minigun"

# Calls the service, and keeps a record of when and how many at once.
class RateAndLimit
  include Minigun::DSL

  def self.calls = 30

  shared_counter :inside, :most
  shared_array :times

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def call(number)
    times << now
    at_once = inside.increment
    most.update { |most| [most, at_once].max }
    if number == 7
      inside.decrement
      Process.kill(:KILL, Process.pid) # its place goes to another item
    end
    inside.decrement
  end

  pipeline do
    producer(:numbers) { RateAndLimit.calls.times { |number| emit(number) } }
    processes(6) do
      consumer :call, rate: 100, per: 1, limit: 2 do |number|
        call(number)
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::FATAL # the death of a worker is logged as an error
  job = RateAndLimit.new
  began = job.now
  job.run
  seconds = job.times.max - began
  puts "#{job.times.size} calls, #{job.report.processed} of them ended well"
  puts "at once: never more than 2: #{job.most <= 2}"
  puts "the last one not before #{(RateAndLimit.calls - 1) / 100.0} s: #{seconds >= (RateAndLimit.calls - 1) / 100.0}"
end
