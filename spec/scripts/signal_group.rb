# frozen_string_literal: true

# INT to the whole process group, as a terminal sends it: the children work on to the end of theirs.

require_relative "common"

class Grouped
  include Minigun::DSL

  def initialize
    @produced = Minigun::Native::Counters.new(1)
    @consumed = 0
  end

  pipeline do
    producer :source do
      loop do
        emit 1
        @produced.add(0, 1)
      end
    end
    processes(2) { processor(:work) { |n| emit n } }
    consumer :sink do |n|
      @consumed += n
      Process.kill("INT", -Process.getpgrp) if @consumed == 20
    end
    after_run { tell lost: [@produced.get(0) - @consumed, 0].max, children: children }
  end
end

Grouped.new.run
