# frozen_string_literal: true

namespace :spec do
  desc "Run random pipelines whose children are killed, and recount (SEED, COUNT=1000 batches, SECONDS; LONG=1: 50,000)"
  task chaos: :compile do
    require_relative "native/chaos_runs"

    seed = Integer(ENV.fetch("SEED") { Random.new_seed % 1_000_000_000 })
    count = Integer(ENV.fetch("COUNT", ENV["LONG"] == "1" ? 50_000 : 1_000))
    warn "chaos: #{count} batches in processes of their own, SEED=#{seed}"
    runs = ChaosRuns.new(seed, count, seconds: Float(ENV.fetch("SECONDS", 1_000_000)))
    problems = runs.problems
    warn "chaos: #{runs.done} pipelines, #{runs.batches} batches, #{runs.kills} kills, #{problems.size} problems, " \
         "SEED=#{seed}"
    abort "reproduce with SEED=#{seed}" unless problems.empty?
    # A killer that hits nothing shows nothing.
    abort "only #{runs.kills} kills" if runs.kills < runs.batches / 50
  end
end
