# frozen_string_literal: true

# Examples of producers and named pipelines, and of where stages run.
RSpec.describe "examples: sources and contexts (contract 17)" do
  include_context "example runs"

  it "26_three_producers.rb feeds one chain from three producers" do
    expect_output(run_example("26_three_producers.rb"),
                  ["airport: 3 measured, kept 12.3, 13.0", "harbour: 3 measured, kept 12.4, 12.9, 13.1",
                   "summit: 2 measured, kept -2.9, -4.3", "7 of 8 readings kept"])
  end

  it "27_pipeline_with_own_producers.rb works off what comes from inside and from outside" do
    expect_output(run_example("27_pipeline_with_own_producers.rb"),
                  ["phone: shelf, sofa", "web: bulb, chair, cushion, desk, lamp", "7 parcels, 330 cm of paper"])
  end

  it "28_contexts_by_hand.rb runs single blocks in contexts of each type" do
    expect_output(run_example("28_contexts_by_hand.rb"),
                  ["values", "  inline: 42", "  thread: 42", "  fork: 42", "  ractor: 42",
                   "two children at once", "  125250 + 375250",
                   "what the block added to a list", "  thread: [:added]", "  fork: []",
                   "errors", "  inline: KeyError: no such page", "  thread: KeyError: no such page",
                   "  fork: KeyError: no such page", "  ractor: KeyError: no such page",
                   "alive before and after terminate", "  thread: true, false", "  fork: true, false",
                   "the value of a child that exits", "  nil"])
  end

  it "29_context_pool.rb acquires beyond the size, within it, and ends endless blocks" do
    expect_output(run_example("29_context_pool.rb"),
                  ["10 children from a pool of 5: 10 active, at capacity: true",
                   "  values 0 1 4 9 16 25 36 49 64 81, then 0 active",
                   "8 children, a place awaited for each: never more than 3 active", "  values 0 10 20 30 40 50 60 70",
                   "20 endless thread blocks from a pool of 4: 20 alive; after terminate_all 0 alive, 0 active",
                   "6 endless fork blocks from a pool of 4: 6 alive; after terminate_all 0 alive, 0 active",
                   "released inline context used again: true", "released thread context used again: false"])
  end

  it "30_instance_in_pipeline_blocks.rb sizes and makes stages by variables and methods of the instance" do
    expect_output(run_example("30_instance_in_pipeline_blocks.rb"),
                  ["stages: words measure _batch_0 fan_out sized",
                   "  sized: ash/3 birch/5 cedar/5 elm/3 fir/3 larch/5 oak/3 pine/4 rowan/5 yew/3",
                   "stages: words measure _batch_0 fan_out loud short",
                   "  loud: ASH BIRCH CEDAR ELM FIR LARCH OAK PINE ROWAN YEW",
                   "  short: ash bir ced elm fir lar oak pin row yew"])
  end

  it "31_contexts_tour.rb runs every stage where its context says" do
    expect_output(run_example("31_contexts_tour.rb"),
                  ["in_processes: child processes", "in_threads: this process", "numbers: this process",
                   "on_cores: child processes", "on_disk: this process", "plain: this process",
                   "process_each: child processes", "thread_each: this process",
                   "results: 1 4 9 16 25 36 49 64 81 100 121 144", "ractors: -10 -8 -6 -4 -2 0"])
  end

  it "32_waiting_in_threads.rb fetches twenty pages" do
    expect_output(run_example("32_waiting_in_threads.rb"),
                  ["20 pages, from /page/0 Page 0 to /page/9 Page 9",
                   /\A\d+\.\d+ s; the waits alone add up to 0\.4 s\z/])
  end

  it "33_named_contexts.rb alternates between threads and processes" do
    expect_output(run_example("33_named_contexts.rb"),
                  ["read: threads of this process", "sort: child processes", "tag: threads of this process",
                   "weigh: child processes", "24 documents, number 23 weighs 30"])
  end

  it "34_nested_contexts.rb finds the same with a file and without" do
    expect_output(run_example("34_nested_contexts.rb"),
                  ["cart: 127 ms", "help: 128 ms", "search: 129 ms", "both ways agree: true"])
  end

  it "35_batches_in_processes.rb batches anew between processes, by sizes of the instance" do
    expect_output(run_example("35_batches_in_processes.rb"),
                  ["batches of 50, 50, 50, 18 primes", "  168 primes, their sum is 76127", "  both ways agree: true",
                   "batches of 40, 40, 40, 40, 8 primes", "  168 primes, their sum is 76127",
                   "  both ways agree: true"])
  end

  it "36_thread_per_batch.rb gives each batch a thread that ends with it" do
    expect_output(run_example("36_thread_per_batch.rb"),
                  ["rows by connection: 4, 4, 4, 4, 2", "5 batches, 5 threads, 0 of them alive",
                   "first and last: row 0, row 17"])
  end

  it "37_strategy_for_each_stage.rb counts the same with a file and without" do
    expect_output(run_example("37_strategy_for_each_stage.rb"),
                  ["10 feeds, 8 usable, in 3 batches", "  parsed 16, stored first 8 second 5 third 3",
                   "  both ways agree: true",
                   "40 feeds, 32 usable, in 2 batches", "  parsed 64, stored first 32 second 21 third 11",
                   "  both ways agree: true"])
  end

  it "38_round_robin.rb deals fifteen requests out in turn" do
    expect_output(run_example("38_round_robin.rb"),
                  ["alpha: 0 3 6 9 12", "beta: 1 4 7 10 13", "gamma: 2 5 8 11 14", "3 servers, 15 requests"])
  end
end
