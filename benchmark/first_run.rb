# frozen_string_literal: true

# What does an item cost in the first run of a process? All others of these questions are put to processes
# that live for all rounds: there most of what a run allocates was freed by the one before it.

require_relative "support/bench"

PROGRAM = File.expand_path("support/first_run_program.rb", __dir__)

# @return [Float] seconds, told by a program of its own
def first_run(*arguments)
  output = IO.popen([RbConfig.ruby, PROGRAM, *arguments.map(&:to_s)], &:read)
  raise "the program failed" unless $?.success?

  Float(output)
end

def measure(name, kind, count, parallel: false)
  Bench.row("#{count} #{name}", per: count) do |row|
    row.ours { |take| take.value = first_run(kind, :prepared, count) }
    row.peer("with `warmup: false`") { |take| take.value = first_run(kind, :cold, count) }
    next unless parallel

    row.peer("Parallel over batches of 1000") { |take| take.value = first_run(kind, :parallel, count) }
    row.faster(1.7, "Parallel over batches of 1000")
  end
end

Bench.question "The first run of a process, time an item"

measure("Hashes from 2 children in an Array", "kept", Bench.scale(100_000), parallel: Bench.gem?("parallel"))
measure("Hashes made in 3 threads", "threads", Bench.scale(100_000))
measure("Strings of 1 KB from a child", "strings", Bench.scale(25_000))
