# frozen_string_literal: true

RSpec.describe "the examples: data, hooks, statistics (contract 17)" do
  include_context "example runs"

  it "13_array_items.rb spreads items over two parameters and counts what was produced" do
    expect_output(run_example("13_array_items.rb"),
                  ["started at 2020-09-13T12:26:40Z", "published 20 rows", "produced 20, enriched 20",
                   "ids: #{[*1..20].join(" ")}", 'the last one: {"name":"row 20","at":"2020-09-13T12:27:00Z"}'])
  end

  it "14_class_macros.rb shows the configuration before it runs, and filters" do
    expect_output(run_example("14_class_macros.rb"),
                  ["threads: 8, processes: 3, retries: 2", "18 seats",
                   "A2 A3 A4 A5 B1 B2 B3 B4 B5 C1 C2 C4 C5 D1 D2 D3 D4 D5"])
  end

  it "15_hundred_items.rb runs two instances of a class at the same time" do
    expect_output(run_example("15_hundred_items.rb"),
                  ["100 tickets from T000 to T099", "3 tickets from T000 to T002"])
  end

  it "16_etl.rb extracts, transforms and loads" do
    at = "2020-09-13T12:26:40Z"
    expect_output(run_example("16_etl.rb"),
                  ["5 extracted, 5 transformed, 5 loaded", "7 Ada 1979 #{at}", "8 Grace 1986 #{at}",
                   "9 Barbara 2008 #{at}", "10 Radia 1951 #{at}", "11 Frances 1932 #{at}"])
  end

  it "17_mixed_routing.rb mixes explicit and default routing" do
    expect_output(run_example("17_mixed_routing.rb"),
                  ["local: 1, 3", "abroad: 2, 4", "1 by bicycle", "2 to Peru", "3 by bicycle", "4 to Japan"])
  end

  it "18_database_connections.rb uses no connection across a fork, with and without a file" do
    expect_output(run_example("18_database_connections.rb"),
                  ["saved: 1 2 3 4 5 6 7 8 9 10", "parent: connected, disconnected, connected, disconnected",
                   "children: 2 times connected", "children: 2 times disconnected", "both ways agree: true"])
  end

  it "19_cleanup_hooks.rb opens and closes around stages and forks, with and without a file" do
    expect_output(run_example("19_cleanup_hooks.rb"),
                  ["FOUR LINES", "OF TEXT", "2 x bench laid out", "2 x bench tidied up", "2 x needle threaded",
                   "4 x plate cleaned", "4 x plate made", "1 x source closed", "1 x source opened",
                   "both ways agree: true"])
  end

  it "20_statistics_by_hooks.rb counts in the parent and in children, with and without a file" do
    expect_output(run_example("20_statistics_by_hooks.rb"),
                  ['{"produced":100,"passed":89,"failed":11,"forks":4}',
                   "children: 4, this process among them: false", /\Aseconds: \d+\.\d\d\z/, "both ways agree: true"])
  end

  it "21_errors_and_retries.rb deals with errors inside stages, with and without a file" do
    expect_output(run_example("21_errors_and_retries.rb"),
                  ["booked: 74, 504", "what?: not JSON", "carla: no answer for carla", "dora: -3 cents",
                   "bert failed 1 times", "carla failed 3 times", "both ways agree: true"])
  end

  it "22_inline_hooks.rb runs hooks that are stage options, with and without a file" do
    expect_output(run_example("22_inline_hooks.rb"),
                  ["roasted: 2 4 6 8 10 12 14 16 18", "3 x beans in", "3 x beans out", "3 x drum heated", "3 x gas on",
                   "9 x sack opened", "9 x scales off", "9 x scales on", "1 x store locked",
                   "began before it ended: true", "both ways agree: true"])
  end

  it "23_rerouting.rb skips and inserts a stage in subclasses" do
    expect_output(run_example("23_rerouting.rb"),
                  ["LetterOffice::Letters: Dear anna; Dear bert",
                   "LetterOffice::HastyLetters: dear anna; dear bert",
                   "LetterOffice::SignedLetters: Dear anna, yours J.; Dear bert, yours J."])
  end

  it "24_run_and_perform.rb compares run and perform, and names the children" do
    resized = /produced by (\d+), resized by (?!\1\b)\d+ and (?!\1\b)\d+\z/
    expect_output(run_example("24_run_and_perform.rb"),
                  [/\Arun: 6 #{resized}/, "  titles: minigun:resize", "  job ids in the log: 1",
                   /\Aperform: 6 #{resized}/, "  titles: minigun:resize", "  job ids in the log: 0"])
  end

  it "25_reading_statistics.rb finds the slow stage" do
    latencies = %r{\A    cook: .*Items: 20, .*Latency P50/P90/P95/P99: [\d./]+ ms\z}
    expect_output(run_example("25_reading_statistics.rb"),
                  ["stages: orders, cook, serve", /\A20 ordered, 20 served, \d+ a second\z/, "bottleneck: cook",
                   /\Acooking takes p50 \d+\.\d ms, p90 \d+\.\d ms, p99 \d\d+\.\d ms\z/, "", "Pipeline: default",
                   /\A  Runtime: /, "  Items: 20 produced, 20 consumed", /\A  Throughput: /,
                   /\A  Bottleneck: cook /, "  Stages:", /\A    orders: /, latencies, /\A    serve: /])
  end
end
