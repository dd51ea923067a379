# frozen_string_literal: true

require "open3"
require "rbconfig"
require "tempfile"

RSpec.describe "the benchmarks" do
  let(:root) { File.expand_path("../..", __dir__) }

  def run(*command, **environment)
    Open3.capture2e(environment.transform_keys(&:to_s), RbConfig.ruby, *command)
  end

  # @return [Array(String, Process::Status)] of a benchmark with one row
  def run_row(definition, **environment)
    support = File.join(root, "benchmark/support/bench")
    Tempfile.create(["benchmark", ".rb"]) do |file|
      file.write("require #{support.dump}\nBench.row('a row') do |row|\n#{definition}\nend\n")
      file.close
      run(file.path, ROUNDS: "3", **environment)
    end
  end

  it "fails when something else arrives than was sent" do
    output, status = run_row(<<~RUBY)
      row.source { |&sink| 3.times(&sink) }
      row.ours { |take| take << 0 << 1 << 2 }
      row.peer("forgetful") { |take| take << 0 << 1 << 3 }
    RUBY
    expect(output).to match(/FAILED: a row: forgetful: .* arrived, .* were sent/)
    expect(status.exitstatus).to eq(1)
  end

  it "fails when a contender does" do
    output, status = run_row('row.ours { raise "out of order" }')
    expect(output).to include("FAILED: a row: minigun: out of order (RuntimeError)")
    expect(status.exitstatus).to eq(1)
  end

  it "shows median, extremes, ratios and goals" do
    output, status = run_row(<<~RUBY)
      row.ours { |take| take.value = 0.002 }
      row.peer("slow") { |take| take.value = 0.006 }
      row.faster(2, "slow")
      row.at_most(0.1, "slow")
    RUBY
    expect(output).to match(/minigun +2 +2 +2$/).and match(/slow +6 +6 +6 +3x$/)
    expect(output).to include("reached  slow takes 3x of minigun").and include("MISSED   minigun takes 0.333x of slow")
    expect(status).to be_success
  end

  it "leaves out rows that were not asked for" do
    output, status = run_row("raise", ONLY: "another")
    expect([output, status.exitstatus]).to eq(["", 0])
  end

  # All of them: rake bench:check
  %w[fork_batches kept pool wakeups].each do |name|
    it "#{name} delivers what was sent" do
      output, status = run(File.join(root, "benchmark/#{name}.rb"), ROUNDS: "1", SCALE: "0.001")
      expect(status).to be_success, output
    end
  end
end
