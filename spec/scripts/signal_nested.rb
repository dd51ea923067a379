# frozen_string_literal: true

# One signal while blocks of a run in the given context run pipelines themselves: what was begun is
# finished, the inner runs included.

require_relative "common"

KIND = ARGV.fetch(0)

class Inner
  include Minigun::DSL

  attr_reader :rows

  def initialize
    @rows = []
  end

  pipeline do
    producer :source do
      10.times do |n|
        emit n
        sleep 0.001
      end
    end
    processes(1) { processor(:work) { |n| emit n } }
    consumer(:sink) { |n| @rows << n }
  end
end

class Outer
  include Minigun::DSL

  attr_reader :counts

  def initialize
    @counts = []
    @emitted = 0
  end

  pipeline do
    producer :source do
      loop do
        sleep 0.001 while @emitted - @counts.size > 8
        @emitted += 1
        emit 1
      end
    end
    within(self, KIND) do |options|
      processor :nest, options do |_|
        inner = Inner.new
        emit [inner.run, inner.rows.size]
      end
    end
    consumer :sink do |count|
      @counts << count
      Process.kill("TERM", Process.pid) if @counts.size == 6
    end
  end
end

handled = 0
Signal.trap("TERM") { handled += 1 }
outer = Outer.new
produced = outer.run
tell handled: handled, cut: outer.counts.count { |count| count != [10, 10] }, lost: produced - outer.counts.size,
     failed: outer.report.failed, children: children
