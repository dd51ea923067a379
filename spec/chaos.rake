# frozen_string_literal: true

namespace :spec do
  desc "Run random pipelines whose children are killed, and recount (SEED=1, COUNT=1000; LONG=1: 50,000)"
  task chaos: :compile do
    require_relative "native/chaos_runs"

    seed = Integer(ENV.fetch("SEED") { Random.new_seed % 1_000_000_000 })
    count = Integer(ENV.fetch("COUNT", ENV["LONG"] == "1" ? 50_000 : 1_000))
    warn "chaos: #{count} batches, SEED=#{seed}"
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    runs = ChaosRuns.new(seed, count)
    problems = runs.problems
    seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
    warn "chaos: #{count} batches, #{runs.kills} kills, #{problems.size} problems in #{seconds.round} s, SEED=#{seed}"
    abort "reproduce with SEED=#{seed}" unless problems.empty?
    # A killer that hits nothing shows nothing.
    abort "only #{runs.kills} kills" if runs.kills < count / 20
  end
end
