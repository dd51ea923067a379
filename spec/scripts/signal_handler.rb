# frozen_string_literal: true

# A program with a handler of its own: it is called after the run, and again when no run goes on.

require_relative "common"

handled = []
mine = proc { handled << "TERM" }
Signal.trap("TERM", &mine)

class Handled
  include Minigun::DSL

  pipeline do
    producer(:source) { loop { emit 1 } }
    processes(1) { processor(:work) { |n| emit n } }
    consumer :sink do |_|
      Process.kill("TERM", Process.pid) if (@seen = @seen.to_i + 1) == 5
    end
    after_run { @complete = true }
  end

  attr_reader :complete
end

job = Handled.new
job.run
Process.kill("TERM", Process.pid)
deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 10
Thread.pass until handled.size == 2 || Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
tell handled: handled, restored: Signal.trap("TERM", "DEFAULT").equal?(mine), complete: job.complete
