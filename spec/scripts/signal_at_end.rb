# frozen_string_literal: true

# A signal that arrives in the last moment of a run is not swallowed.

require_relative "common"

class Late
  include Minigun::DSL

  pipeline do
    producer(:source) { emit 1 }
    consumer(:sink) { |_| nil }
    after_run { Process.kill("TERM", Process.pid) }
  end
end

signals = Array.new(8) do
  pid = fork { Late.new.run }
  Process.wait2(pid).last.termsig
end
tell signals: signals.uniq
