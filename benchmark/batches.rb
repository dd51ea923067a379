# frozen_string_literal: true

# End to end: Hashes are made, gathered in batches, worked on by a pool of two children, and the
# results are in an Array of the parent.

require_relative "support/bench"
require_relative "support/batch_work"

COUNT = Bench.scale(60_000)

# A pool of two.
class Pooled < Bench::BatchWork
  pipeline do
    producer(:rows) { each_row(COUNT) { |row| emit row } }
    batch SIZE
    processes(2) do
      consumer(:work) { |rows| @results.concat(work(rows)) }
    end
  end
end

Bench.question "Batches of #{Bench::BatchWork::SIZE} for a pool, end to end, time a Hash"

Bench.row("#{COUNT} Hashes, trivial work, results in the parent", per: COUNT) do |row|
  row.source { |&sink| Bench::BatchWork.inline(COUNT).each(&sink) }
  row.weigh { |hash| hash[:total] }
  keep = ->(take, &block) { take.concat(take.time(&block)) }
  row.limit("inline") { |take| keep.call(take) { Bench::BatchWork.inline(COUNT) } }
  row.ours { |take| keep.call(take) { Pooled.new.tap(&:run).results } }
  if Bench.gem?("parallel")
    row.peer("Parallel over batches") do |take|
      keep.call(take) do
        batches = Enumerator.new { |yielder| Bench::BatchWork.each_batch(COUNT) { |rows| yielder << rows } }
        Parallel.flat_map(batches, in_processes: 2) { |rows| Bench::BatchWork.work(rows) }
      end
    end
  end
  row.at_most(1.6, "inline")
  row.faster(2.5, "Parallel over batches")
end
