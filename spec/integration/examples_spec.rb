# frozen_string_literal: true

RSpec.describe "the examples: routing, named pipelines, batches (contract 17)" do
  include_context "example runs"

  it "00_quick_start.rb brings counts and emitted lines home" do
    expect_output(run_example("00_quick_start.rb"),
                  ["fast: 1", "fork: 2", "memory: 1", "safe: 1", "share: 1",
                   "longest of each batch: fork safe, share memory"])
  end

  it "01_tempfile_pattern.rb gathers results in a file" do
    expect_output(run_example("01_tempfile_pattern.rb"), ["20 results from 4 children", "sum of squares: 2470"])
  end

  it "02_sequential_routing.rb runs the stages in the written order" do
    expect_output(run_example("02_sequential_routing.rb"),
                  ["apples: 1.20", "bread: 3.00", "cheese: 12.60", "DAG with 4 nodes:", "  prices → add_tax",
                   "  add_tax → print", "  print → collect", "  collect (terminal)"])
  end

  it "03_diamond.rb joins what two branches emit" do
    expect_output(run_example("03_diamond.rb"),
                  ["taxes: 20, 40, 60, 80, 100", "postages: 4, 4, 9, 9, 9",
                   "order 1: 124", "order 2: 244", "order 3: 369", "order 4: 489", "order 5: 609"])
  end

  it "04_fan_out.rb gives every item to three consumers, in order" do
    expect_output(run_example("04_fan_out.rb"),
                  ["Dear Ada, welcome!", "Dear Grace, welcome!", "Dear Barbara, welcome!",
                   "ADA, no. 1", "GRACE, no. 2", "BARBARA, no. 3", "Ada: row 1", "Grace: row 1", "Barbara: row 2"])
  end

  it "05_two_level_splits.rb filters in branches that split again" do
    expect_output(run_example("05_two_level_splits.rb"),
                  ["all: 1, 2, 3, 4, 5", "urgent: 1", "answers: 1, 2, 3, 5", "manual: 5", "skipped: 4"])
  end

  it "06_named_pipelines.rb hands items through three pipelines" do
    expect_output(run_example("06_named_pipelines.rb"), ["the: 4", "dog: 2", "fox: 2", "amused: 1"])
  end

  it "07_named_fan_out.rb feeds two pipelines from one" do
    expect_output(run_example("07_named_fan_out.rb"),
                  ["celsius: 22.0 31.5 -2.1 15.0 17.5", "alarms: Tue Wed",
                   "rows: Mon,22.0 Tue,31.5 Wed,-2.1 Thu,15.0 Fri,17.5", "days: Mon Tue Wed Thu Fri"])
  end

  it "08_validation.rb puts bad items aside and runs the hooks of each pipeline" do
    expect_output(run_example("08_validation.rb"),
                  ["road: 1, 2, 5, 7", "air: 3, 6", "rejected 4: no address", "rejected 8: too heavy",
                   "rejected 9: too heavy", "rejected 10: too heavy", "10 parcels passed the check or failed it",
                   "intake closes after 10 parcels", "intake opens"])
  end

  it "09_nested_pipeline.rb takes a whole pipeline as one stage" do
    expect_output(run_example("09_nested_pipeline.rb"),
                  ["+441632960001", "+12025550123", "+441632960002", "DAG with 3 nodes:",
                   "  entries → normalize", "  normalize → collect", "  collect (terminal)"])
  end

  it "10_accumulator_fan_out.rb gives batches to children and to threads, with and without a file" do
    expect_output(run_example("10_accumulator_fan_out.rb"),
                  ["printed: 1 2 3 4 5 6 7 8 9 10", "booked: 1 2 3 4 5 6 7 8 9 10", "both ways agree: true"])
  end

  it "11_crawler.rb fetches every page once and follows links back" do
    expect_output(run_example("11_crawler.rb"),
                  ["/about: About, 2 links", "/archive: Archive, 1 links", "/home: Home, 2 links",
                   "/news: News, 3 links", "/team: Team, 2 links", "missing: /lost"])
  end

  it "12_pipeline_hooks.rb surrounds the run, and nothing forks" do
    expect_output(run_example("12_pipeline_hooks.rb"),
                  ["opened with 0 entries", "closed with 5 entries, 165 in total", "entries: 11, 22, 33, 44, 55"])
  end

  it "code_index.rb indexes and searches" do
    Dir.mktmpdir do |code|
      File.write(File.join(code, "a.rb"), "class Example\n  def answer = 42\nend\n")
      database = File.join(code, "index.sqlite3")
      built = run_example("code_index.rb", "--database", database, "--roots", code)
      expect(built.stdout).to include("definitions: 2 (class: 1, method: 1)", "counts agree")
      expect_output(run_example("code_index.rb", "--database", database, "search", "answer"),
                    ["defined:", %r{\A  method Example#answer  /.*/a\.rb:2\z}])
    end
  end
end
