# frozen_string_literal: true

RSpec.describe "the memory of children in the report (issue 6, 9)" do
  include Runs

  include_context "base set"

  before { skip "needs smaps_rollup" unless File.readable?(Minigun::Stats::ChildMemory::SOURCE) }

  def memory_of(job, stage = :work) = job.report.memory[stage]

  def job_with(kind, width, items, &block)
    job = job do
      producer(:source) { items.times { |n| emit n } }
      Runs.within(self, kind, width) { |options| processor(:work, options, &block) }
      consumer(:sink) { |n| @results << n }
    end
    job.run
    expect(job.results.size + job.report.failed).to eq(items)
    job
  end

  it "is that of the first, second, fourth ... child of a stage" do
    job = job_with(:process_per_batch, 2, 20) { |n| emit(n.tap { sleep 0.02 }) }
    memory = memory_of(job)

    expect(memory[:samples]).to eq(5)
    expect(memory.values_at(:pss, :private, :shared).flat_map(&:values)).to all(be > 4096)
    expect(memory.values_at(:pss, :private, :shared)).to all(satisfy { |of| of[:max] >= of[:median] })
    expect(JSON.parse(job.report.to_json)["memory"]["work"]["pss"]).to eq(
      "median" => memory[:pss][:median], "max" => memory[:pss][:max]
    )
    expect(job.report.to_s).to match(/^work: .*, a child: \d+\.\d MB private, \d+\.\d MB shared$/)
  end

  it "is that of the first child where all are short" do
    job = job_with(:process_per_batch, 2, 3) { |n| emit n }
    expect(memory_of(job)[:samples]).to be_between(1, 2)
  end

  it "tells what children have of their own" do
    held = []
    job = job_with(:process_per_batch, 1, 4) do |n|
      held << ("x" * 30_000_000) if n == 3
      sleep 0.02
      emit n
    end

    expect(memory_of(job)[:private][:max]).to be > 30_000_000
    expect(memory_of(job)[:private][:median]).to be < 30_000_000
  end

  it "is told by children that stay, at their end" do
    job = job_with(:processes, 4, 40) { |n| emit n }
    expect(memory_of(job)[:samples]).to be_between(1, 3)
  end

  it "is not told by children that were killed, nor by stages without any" do
    job = job_with(:process_per_batch, 2, 3) { |_| Process.kill(:KILL, Process.pid) }
    expect(job.report.failed).to eq(3)
    expect(job.report.memory).to eq({})
    expect(job.report.stats.stage_stats[:work].child_memory).to be_nil
  end

  it "is not there where the system does not tell" do
    stub_const("Minigun::Stats::ChildMemory::SOURCE", "/proc/self/no_such_file")
    job = job_with(:process_per_batch, 2, 2) { |n| emit n }
    expect(memory_of(job)).to be_nil
    expect(job.report).to be_success
  end
end
