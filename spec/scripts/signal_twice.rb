# frozen_string_literal: true

# Two signals while a block in the given context does not end: the run is given up.

require_relative "common"

SIGNAL, KIND = ARGV

# Sends the second signal when the run tells that it has heard the first.
class Impatient < Logger
  def warn(text = nil)
    Process.kill(SIGNAL, Process.pid) if text.to_s.include?("finishing")
    super
  end
end
Minigun.logger = Impatient.new(File::NULL)
PARENT = Process.pid

class Endless
  include Minigun::DSL

  pipeline do
    producer(:source) { loop { emit 1 } }
    within(self, KIND) do |options|
      consumer :work, options do |_|
        Process.kill(SIGNAL, PARENT) if (@times = @times.to_i + 1) == 1
        sleep
      end
    end
  end
end

begin
  Endless.new.run
rescue SignalException => e
  tell left: children, raised: e.class.name
  raise
end
