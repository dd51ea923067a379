# frozen_string_literal: true

# A run is given up, and while its slots are told to end another one is about to start. Tells what came out of the
# run, and how many children are left.

require_relative "common"

RUNNERS = Queue.new
TELLING = Queue.new

# Starts a slot when those that are there are being told to end.
module LateGrowth
  def grow
    return super if name != :work || RUNNERS.empty?

    runner = RUNNERS.pop
    Thread.handle_interrupt(Object => :never) do
      runner.raise(IOError, "enough")
      TELLING.pop
      super
    end
  end
end
Minigun::Flow::Node.prepend(LateGrowth)

# The first slot is told when the late one has forked its child, if it does.
module PatientEnd
  def kill
    unless TELLING.closed?
      TELLING.push(true).close
      200.times { children > 1 ? break : sleep(0.005) }
    end
    super
  end
end
Minigun::Flow::Slot.prepend(PatientEnd)

class Job
  include Minigun::DSL

  pipeline do
    producer(:source) { 10.times { |n| emit n } }
    process_per_batch(max: 4) { consumer(:work) { |_| sleep } }
  end
end

runner = Thread.new { RUNNERS.push(Thread.current) && Job.new.run }
runner.report_on_exception = false
outcome = begin
  runner.join(10) ? "it ended" : "it hangs"
rescue IOError => e
  e.message
end
tell(outcome: outcome, children: children)
