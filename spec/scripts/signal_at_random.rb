# frozen_string_literal: true

# Runs that get a TERM at a random moment, each in a process of its own.

require_relative "common"

class Busy
  include Minigun::DSL

  pipeline do
    producer(:source) { loop { emit "x" * 100 } }
    producer(:other) { loop { emit "y" } }
    threads(2) { processor(:one) { |text| emit text } }
    accumulator :lists, max_size: 10
    processes(2) { processor(:two) { |list| emit list.size } }
    process_per_batch(max: 2) { consumer(:three, from: :lists) { |_| nil } }
    consumer(:sink, from: :two) { |_| nil }
  end
end

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

def ended?(pid)
  deadline = now + 15
  until now > deadline
    return true if Process.wait(pid, Process::WNOHANG)

    sleep 0.005
  end
  false
end

hung = left = ended = 0
Integer(ARGV[0]).times do |round|
  started, tell_started = IO.pipe
  pid = fork do
    Process.setpgid(0, 0)
    tell_started.write(".")
    Busy.new.run
  end
  started.wait_readable(10)
  sleep(round * 0.007)
  Process.kill("TERM", pid)
  if ended?(pid)
    ended += 1
  else
    hung += 1
    Process.kill("KILL", pid)
    Process.wait(pid)
  end
  left += children
  [started, tell_started].each(&:close)
end
tell hung: hung, left: left, ended: ended
