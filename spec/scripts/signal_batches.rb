# frozen_string_literal: true

# One signal while batches by key wait for more, which would never come.

require_relative "common"

SIGNAL, KIND = ARGV

class Waiting
  include Minigun::DSL

  def initialize = @packed = []

  pipeline do
    producer :source do
      10.times { |n| emit n }
      Process.kill(SIGNAL, Process.pid)
      sleep
    end
    within(self, KIND) do |options|
      rules = { max_size: 4, by: ->(n) { n % 3 }, max_wait: 600, max_total: 50, uniq: true }
      accumulator(:pack, options.merge(rules)) { |list| list }
    end
    consumer(:sink) { |list| @packed << list }
    after_run { tell packed: @packed.sort, children: children, abandoned: report&.abandoned }
  end
end

Waiting.new.run
