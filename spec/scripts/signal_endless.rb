# frozen_string_literal: true

# One signal while a producer takes from what never ends.

require_relative "common"

SIGNAL, KIND = ARGV

class Endless
  include Minigun::DSL

  def initialize = @consumed = 0

  pipeline do
    within(self, KIND) { |options| producer(:source, options.merge(from: 1..Float::INFINITY)) }
    consumer :sink do |_|
      @consumed += 1
      Process.kill(SIGNAL, Process.pid) if @consumed == 20
    end
    after_run { tell consumed: @consumed, children: children }
  end
end

Endless.new.run
