# frozen_string_literal: true

# One signal while three runs are under way, of two classes, each with children: all end in order, the
# slow one too, and only then is the signal sent again, once.

require_relative "common"

SIGNAL = ARGV.fetch(0)

class Endless
  include Minigun::DSL

  class << self
    attr_accessor :signalled
  end

  attr_reader :emitted, :consumed

  def initialize(others_over = nil)
    @others_over = others_over
    @emitted = @consumed = 0
  end

  pipeline do
    producer :source do
      loop do
        sleep 0.001 while @emitted - @consumed > 10
        @emitted += 1
        emit 1
      end
    end
    processes(1) { processor(:work) { |n| emit n } }
    consumer :sink do |n|
      @consumed += n
      # What the slow run has in hand at the signal takes longer than the other runs.
      @others_over&.pop if Endless.signalled
    end
  end
end

class OfAnotherClass < Endless
  pipeline { after(:sink) { @seen = @consumed } }
end

handled = []
runs_over = 0
Signal.trap(SIGNAL) { handled << runs_over }

others_over = Thread::Queue.new
jobs = [Endless.new(others_over), Endless.new, OfAnotherClass.new]
threads = jobs.map { |job| Thread.new { job.run.tap { runs_over += 1 } } }
threads.each { |thread| thread.report_on_exception = false }
deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 10
sleep 0.005 until jobs.all? { |job| job.consumed > 20 } || Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
Endless.signalled = true
Process.kill(SIGNAL, Process.pid)
threads.drop(1).each { |thread| thread.join(20) }
others_over.close
counts = threads.map do |thread|
  thread.value
rescue Exception => e # rubocop:disable Lint/RescueException -- SignalException is what must not come
  e.class.name
end
# The emission that was under way when a producer was stopped may have been delivered or not.
lost = jobs.sum { |job| [job.emitted - job.consumed - 1, 0].max }
tell counted: counts.all?(Integer), lost: lost, handled: handled, children: children
