# frozen_string_literal: true

RSpec.describe "the examples: batches by rules, sources, sinks, checkpoints (issue 6)" do
  include_context "example runs"

  it "53_batches_by_rules.rb gathers by table, bytes and time, and gathers anew" do
    expect_output(run_example("53_batches_by_rules.rb"),
                  ["posts 1", "posts 2", "posts 3", "tags 1,2", "users 1,2,3", "backups of 4, 4 rows",
                   "alarm: smoke", "alarm: fire"])
  end
end
