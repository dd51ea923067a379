# frozen_string_literal: true

# One signal while a producer without end feeds a stage in the given context: the run ends in order.

require_relative "common"

SIGNAL, KIND = ARGV

class Once
  include Minigun::DSL

  def initialize
    @counts = Minigun::Native::Counters.new(2)
    @consumed = 0
  end

  pipeline do
    producer :source do
      loop do
        # A fork for each of some hundred items in the inbox would take its time.
        sleep 0.001 while KIND == "process_per_batch" && @counts.get(0) - @consumed > 10
        emit 1
        # Counted when it is in the inbox for sure.
        @counts.add(0, 1)
      end
    end
    within(self, KIND) { |options| processor(:work, options) { |n| emit n } }
    consumer :sink do |n|
      @consumed += n
      Process.kill(SIGNAL, Process.pid) if @consumed == 20
    end
    # The emission that was under way when the producer was stopped may have been delivered or not.
    after_run { tell lost: [@counts.get(0) - @consumed, 0].max, consumed: @consumed, children: children }
  end
end

Once.new.run
