# frozen_string_literal: true

RSpec.describe "the examples: batches by rules, sources, sinks, checkpoints (issue 6)" do
  include_context "example runs"

  it "53_batches_by_rules.rb gathers by table, bytes and time, and gathers anew" do
    expect_output(run_example("53_batches_by_rules.rb"),
                  ["posts 1", "posts 2", "posts 3", "tags 1,2", "users 1,2,3", "backups of 4, 4 rows",
                   "alarm: smoke", "alarm: fire"])
  end

  it "54_sources_and_sinks.rb books by account, with objects in the place of blocks" do
    expect_output(run_example("54_sources_and_sinks.rb"),
                  ["ann: 10 7 11", "bank: 1 2 3 4 5", "bob: 5 12", "1 4 16 64", "2 8 32"])
  end

  it "55_checkpoints.rb goes on after it was killed" do
    expect_output(run_example("55_checkpoints.rb"),
                  ["killed: true, all done: false", "goes on with one of the first 120: true, up to the last: true",
                   "all done: true, cursor: 200"])
  end
end
