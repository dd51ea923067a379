# frozen_string_literal: true

# Examples of routing by hand, of processes in a row, and of what comes home from them.
RSpec.describe "examples: routing and processes (contract 17)" do
  include_context "example runs"

  it "39_priorities.rb takes the urgent ones aside and puts the rest in order" do
    expect_output(run_example("39_priorities.rb"),
                  ["desk: 7", "urgent: 3", "order at the desk:", "  2 export fails", "  2 login fails",
                   "  3 slow search", "  3 typo on page 3", "  3 wrong colour", "  4 new logo?", "  4 thank you"])
  end

  it "40_classification.rb counts kinds in batches of five" do
    expect_output(run_example("40_classification.rb"),
                  ["advertising: 5", "alarms: 5", "bills: 10", "personal: 5",
                   "25 messages in batches of 5, 5, 5, 5, 5"])
  end

  it "41_extract_transform_load.rb leaves items out and emits from an accumulator" do
    customers = [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13].map { |id| "  #{id} Customer #{id}" }
    expect_output(run_example("41_extract_transform_load.rb"),
                  ["15 lines, left out: customer 4, customer 9, customer 14", "loaded in portions of 3, 3, 3, 3",
                   *customers])
  end

  it "42_custom_batching.rb gathers by kind, and without repetition" do
    expect_output(run_example("42_custom_batching.rb"),
                  ["letter: 0 1 3 4 | 6 7 9", "parcel: 2 5 | 8",
                   "newsletter: ann bob cid dan eve fay, in batches of 4, 2"])
  end

  it "43_targets_in_contexts.rb sends items to stages in different contexts" do
    files = ->(type) { Array.new(4) { |number| "file#{number}.#{type}" }.join(" ") }
    expect_output(run_example("43_targets_in_contexts.rb"),
                  ["archives: #{files["zip"]} (4 here, 0 in children)",
                   "films: #{files["mp4"]} (0 here, 4 in children)",
                   "pictures: #{files["jpg"]} (0 here, 4 in children)",
                   "texts: #{files["txt"]} (4 here, 0 in children)", "children for films: 4"])
  end

  it "44_process_workers.rb shares the work among up to four children" do
    result = run_example("44_process_workers.rb")
    expect_output(result, ["100 numbers, the longest way is that of 97: 118 steps", /\Aworkers: \d+( \d+){0,3}\z/,
                           /\A100 numbers by [1-4] workers, 0 by this process\z/])
    expect(result.stdout[/^workers: (.*)/, 1].split.size).to eq(result.stdout[/by (\d) workers/, 1].to_i)
  end

  it "45_processes_in_a_row.rb counts in the children of three stages" do
    expect_output(run_example("45_processes_in_a_row.rb"),
                  ["scale: 50", "separate: 100", "sharpen: 50", "no child works for two stages: true",
                   "plates: black 50 cyan 50, all sharp: true", "widths: #{[*1_000..1_012].join(" ")}"])
  end

  it "46_threads_processes_threads.rb counts in threads and children" do
    expect_output(run_example("46_threads_processes_threads.rb"),
                  ["download: 30", "evaluate: 30", "upload: 30", "uploaded 30: from [0, 46, 96] to [29, 47, 96]"])
  end

  it "47_router_and_processes.rb brings the lists of the last children home" do
    expect_output(run_example("47_router_and_processes.rb"),
                  ["30 figures, their sum is 870.0", "30 texts, from answer 1 to answer 9",
                   "batches: 10 10 10 10 10 10, filed by this process: false"])
  end

  it "48_integrity.rb loses, doubles and changes nothing" do
    expect_output(run_example("48_integrity.rb"),
                  ["1000 items arrived, 1000 different, 100000 bytes", "batches: 10 of 100",
                   "all as they were sent: true"])
  end

  it "49_publisher_inheritance.rb publishes two models, with a file and without, and needs a model" do
    expect_output(run_example("49_publisher_inheritance.rb"),
                  ["Books: Dracula; Emma; Ivanhoe; Middlemarch; Ulysses", "  both ways agree: true",
                   "Authors: Austen, Jane; Eliot, George; Joyce, James; Stoker, Bram", "  both ways agree: true",
                   "NotImplementedError: LibraryPublishers::Base does not say what its records are"])
  end

  it "50_what_comes_home.rb adds in the parent what children add to containers" do
    expect_output(run_example("50_what_comes_home.rb"),
                  ["Array: 18 20 20",
                   "Hash with a default: be 2, is 2, it 1, nobler 1, not 1, or 1, question 1, that 1, the 1, to 2, " \
                   "whether 1",
                   "Set: abehilnoqrstuw", "nested, short: 10 words, 7 different", "  2: be be is is it or to to",
                   "  3: not the", "nested, long: 4 words, 4 different", "  4: that", "  6: nobler", "  7: whether",
                   "  8: question", "hooks: after 3, before 3, after_fork in 3 children",
                   "assigned anew: total 0, last nil"])
  end

  it "51_emits_from_children.rb sends any type, holds a fast producer back and survives a killed child" do
    expect_output(run_example("51_emits_from_children.rb"),
                  ["16 items of 12 classes, unchanged: true", "3000 items, the producer never half of them ahead: true",
                   "squares: 0 1 4 16, failed: 1",
                   /\A  square: worker process \d+ .* was killed by SIGKILL \(peak memory \d+ MB\) \(.*WorkerDied\) /])
  end

  it "52_shared_collections.rb counts in all processes, one that is killed included" do
    expect_output(run_example("52_shared_collections.rb"),
                  ["7 sentences, 30 words, 12 different ones", "in most sentences: hen (5)",
                   "refused: poison; failed: 1"])
  end

  it "60_one_for_all.rb takes each page on once, and goes on after a worker was killed with the file in hand" do
    expect_output(run_example("60_one_for_all.rb"),
                  ["8 pages taken on, 7 written, none twice: true",
                   "failed: 1; the file was taken over after a death: true", "free connections: 2 of 2"])
  end

  it "61_rate_and_limit.rb keeps to a rate and a limit over six processes, one of them killed" do
    expect_output(run_example("61_rate_and_limit.rb"),
                  ["30 calls, 29 of them ended well", "at once: never more than 2: true",
                   "the last one not before 0.29 s: true"])
  end

  it "62_failed_items.rb puts failed items aside and stops when enough is found" do
    expect_output(run_example("62_failed_items.rb"),
                  ["run returned 10 primes: true", "stopped: true, with the same value: true", "rejected: true"])
  end
end
