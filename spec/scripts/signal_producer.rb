# frozen_string_literal: true

# One signal while a producer in the given context does nothing at all, and never would end.

require_relative "common"

SIGNAL, KIND = ARGV

class Stuck
  include Minigun::DSL

  pipeline do
    within(self, KIND) do |options|
      producer :source, options do
        emit 1
        sleep
      end
    end
    consumer(:sink) { |_| Process.kill(SIGNAL, Process.pid) }
    after_run { tell after_run: true, children: children }
  end
end

Stuck.new.run
