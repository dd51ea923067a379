# frozen_string_literal: true

# Tells for each step how many full collections it has made, in a Ruby that makes none by itself.
# Arguments: the steps.

require_relative "common"

GC.disable

class Job
  include Minigun::DSL

  pipeline do
    producer(:source) { 4.times { |n| emit n } }
    process_per_batch(max: 2) { processor(:work) { |n| emit n } }
    consumer(:sink) { |_| nil }
  end
end

class Cold < Job
  warmup false
end

class Inline
  include Minigun::DSL

  pipeline do
    producer(:source) { emit 1 }
    consumer(:sink) { |_| nil }
  end
end

STEPS = {
  "run" => -> { Job.new.run },
  "perform" => -> { Job.new.perform },
  "run_without" => -> { Job.new.run(warmup: false) },
  "perform_without" => -> { Job.new.perform(warmup: false) },
  "cold" => -> { Cold.new.run },
  "cold_with" => -> { Cold.new.run(warmup: true) },
  "inline" => -> { Inline.new.run },
  "context" => -> { Minigun::Execution.create_context(:fork, "x").execute { 1 }.join },
  "allocate" => -> { 500_000.times { Object.new } },
  "collect" => -> { GC.start },
  "collect_later" => -> { GC.start(immediate_sweep: false) },
  "collect_young" => -> { GC.start(full_mark: false) }
}.freeze

told = ARGV.map do |step|
  before = GC.stat(:major_gc_count)
  STEPS.fetch(step).call
  GC.stat(:major_gc_count) - before
end
tell collections: told
