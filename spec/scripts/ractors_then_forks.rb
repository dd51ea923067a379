# frozen_string_literal: true

# A Ractor, then forks, again and again: by a context (joined, then terminated), and by a run.

require_relative "common"

TIMES = Integer(ARGV.first)

ROW = proc { |n| emit [Array.new(200) { |i| "row #{i}" }.join.size + n, Ractor.current != Ractor.main] }
ROWS = Array.new(4) { |n| 1290 + n }

class InRactors
  include Minigun::DSL

  attr_reader :rows

  def initialize = @rows = []

  pipeline do
    producer(:source) { 4.times { |n| emit n } }
    ractors(2) { processor(:work, &ROW) }
    consumer(:sink) { |row| @rows << row }
  end
end

class InChildren
  include Minigun::DSL

  attr_reader :rows

  def initialize = @rows = []

  pipeline do
    producer(:source) { 4.times { |n| emit n } }
    process_per_batch(max: 2) { processor(:work, &ROW) }
    consumer(:sink) { |row| @rows << row }
  end
end

refused = wrong = 0
TIMES.times do |time|
  joined = Minigun::Execution.create_context(:ractor, "joined").execute { Ractor.current != Ractor.main }
  wrong += 1 unless joined.join
  ended = Minigun::Execution.create_context(:ractor, "ended").execute { loop { "busy" * 3 } } if (time % 4).zero?
  ended&.terminate
  in_ractors = InRactors.new.tap(&:run) if time.odd?
  in_children = InChildren.new.tap(&:run)
  refused += in_children.report.failures.count { |failure| failure.error.is_a?(Minigun::UnsafeForkError) }
  wrong += 1 unless in_children.rows.sort == ROWS.map { |size| [size, false] }
  wrong += 1 unless in_ractors.nil? || in_ractors.rows.sort == ROWS.map { |size| [size, true] }
end
tell refused: refused, wrong: wrong, ractors: Ractor.count, children: children
