# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Stats do
  subject(:stats) { described_class.new(:work) }

  let(:tenths) { (1..10).map { |n| n / 100.0 } }

  def over(stats, seconds)
    stats.start!
    stats.finish!(stats.instance_variable_get(:@started_at) + seconds)
  end

  it "counts (contract 12)" do
    stats.increment_produced
    stats.increment_produced(4)
    stats.increment_consumed(3)
    stats.increment_failed(2)
    expect([stats.items_produced, stats.items_consumed, stats.items_failed]).to eq([5, 3, 2])
    expect(stats.stage_name).to eq(:work)
  end

  it "loses no count to another thread (contract 12)" do
    threads = Array.new(8) do
      Thread.new do
        2000.times do
          stats.increment_consumed
          stats.record_latency(0.1)
        end
      end
    end
    threads.each(&:join)
    expect(stats.items_consumed).to eq(16_000)
    expect(stats.instance_variable_get(:@latency_count)).to eq(16_000)
    expect(stats.instance_variable_get(:@latency_samples).size).to eq(1000)
  end

  describe "time (contract 12)" do
    it "is 0 before the start" do
      expect([stats.runtime, stats.throughput, stats.time_per_item]).to eq([0, 0, 0])
      expect([stats.start_time, stats.end_time]).to eq([nil, nil])
    end

    it "has a start and an end" do
      stats.start!
      stats.finish!
      expect([stats.start_time, stats.end_time]).to all(be_a(Time))
      expect(stats.runtime).to be >= 0
      expect([stats.started?, stats.finished?]).to eq([true, true])
    end

    it "goes on until the end" do
      stats.start!
      first = stats.runtime
      expect(stats.runtime).to be >= first
      expect(stats.finished?).to be(false)
    end

    it "divides by items" do
      stats.increment_produced(10)
      over(stats, 2.0)
      expect(stats.throughput).to be_within(0.001).of(5)
      expect(stats.time_per_item).to be_within(0.001).of(0.2)
    end
  end

  it "counts a terminal stage by what it consumed, any other by what it produced (contract 12)" do
    terminal = described_class.new(:end, is_terminal: true)
    [stats, terminal].each do |each|
      each.increment_produced(2)
      each.increment_consumed(7)
    end
    expect([stats.total_items, terminal.total_items]).to eq([2, 7])
    expect([stats.terminal?, terminal.terminal?]).to eq([false, true])
  end

  it "knows its success rate (contract 12)" do
    expect(stats.success_rate).to eq(100.0)
    stats.increment_produced(10)
    stats.increment_failed(2)
    expect(stats.success_rate).to eq(80.0)
  end

  it "judges a stage that emits less than it takes by what it took (contract 12, 21.4)" do
    stats = described_class.new(:filter)
    stats.increment_consumed(10)
    stats.increment_failed(10)
    expect(stats.success_rate).to eq(0.0)
    stats.increment_consumed(10)
    stats.increment_produced(4)
    expect(stats.success_rate).to eq(50.0)
    stats.increment_failed(30)
    expect(stats.success_rate).to eq(0.0)
  end

  describe "latencies (contract 12)" do
    it "keeps a reservoir of 1000" do
      expect(described_class::RESERVOIR_SIZE).to eq(1000)
      2000.times { |n| stats.record_latency(n) }
      expect(stats.instance_variable_get(:@latency_samples).size).to eq(1000)
      expect(stats.instance_variable_get(:@latency_count)).to eq(2000)
    end

    it "keeps a uniform sample" do
      5000.times { |n| stats.record_latency(n) }
      fifths = stats.instance_variable_get(:@latency_samples).group_by { |n| n / 1000 }
      expect((0..4).map { |fifth| fifths.fetch(fifth, []).size }).to all(be > 100)
    end

    it "takes a million of them" do
      1_000_000.times { stats.record_latency(0.001) }
      expect(stats.instance_variable_get(:@latency_count)).to eq(1_000_000)
    end

    it "answers percentiles" do
      tenths.each { |seconds| stats.record_latency(seconds) }
      expect(stats.p50).to be_between(0.04, 0.06)
      expect(stats.p90).to be_between(0.08, 0.10)
      expect(stats.p95).to be_between(0.09, 0.10)
      expect(stats.p99).to eq(0.10)
      expect([stats.percentile(0), stats.percentile(100)]).to eq([0.01, 0.10])
    end

    it "takes the nearest rank, rounding errors or not" do
      (1..100).each { |n| stats.record_latency(n) }
      expect((1..100).map { |percent| stats.percentile(percent) }).to eq((1..100).to_a)
    end

    it "answers 0 without samples" do
      expect([stats.p50, stats.p99, stats.percentile(10)]).to eq([0, 0, 0])
      expect(stats.has_latency_data?).to be(false)
      expect(stats.to_h).not_to have_key(:latency)
    end

    it "takes the instance variables for the truth (contract 15)" do
      stats.instance_variable_set(:@latency_samples, tenths)
      stats.instance_variable_set(:@latency_count, 1000)
      expect(stats.has_latency_data?).to be(true)
      expect(stats.p99).to eq(0.10)
      expect(stats.to_h[:latency]).to eq(p50: 50.0, p90: 90.0, p95: 100.0, p99: 100.0,
                                         samples: 10, observations: 1000)
      expect(stats.to_s).to include("Latency")
    end
  end

  it "shows itself as data (contract 12)" do
    stats.increment_produced(3)
    over(stats, 1.0)
    expect(stats.to_h).to eq(
      stage_name: :work, runtime: 1.0, items_produced: 3, items_consumed: 0, items_failed: 0,
      total_items: 3, throughput: 3.0, time_per_item: 0.3333, success_rate: 100.0
    )
  end

  it "shows itself as a line (contract 12)" do
    expect(stats.to_s).to include("work", "Runtime:", "Items:", "Throughput:")
    expect(stats.to_s).not_to match(/Failed:|Latency|\n/)
    stats.increment_failed
    expect(stats.to_s).to include("Failed: 1")
  end

  describe Minigun::AggregatedStats do
    subject(:totals) { described_class.new(:job, dag) }

    let(:dag) do
      Minigun::DAG.new.tap do |graph|
        graph.add_node(:end)
        graph.add_edge(:gen, :work)
        graph.add_edge(:work, :end)
      end
    end

    def fill
      totals.start!
      { gen: 4.0, work: 8.0, end: 2.0 }.each do |name, seconds|
        stage = totals.for_stage(name, is_terminal: name == :end)
        stage.increment_produced(20)
        stage.increment_consumed(20)
        over(stage, seconds)
      end
      totals.finish!(totals.instance_variable_get(:@started_at) + 10.0)
    end

    def over(stats, seconds)
      stats.start!
      stats.finish!(stats.instance_variable_get(:@started_at) + seconds)
    end

    it "creates the statistics of a stage once (contract 12)" do
      first = totals.for_stage(:end, is_terminal: true)
      expect(totals.for_stage(:end)).to equal(first)
      expect(totals.stage_stats).to eq(end: first)
      expect(totals.pipeline_name).to eq(:job)
    end

    it "sums up sources and terminal stages (contract 12)" do
      fill
      expect([totals.total_items, totals.total_produced, totals.total_consumed]).to eq([60, 20, 20])
      expect(totals.throughput).to be_within(0.001).of(2)
    end

    it "counts missing stages as 0 (contract 12)" do
      sums = %i[total_items total_produced total_consumed throughput runtime]
      expect(sums.map { |sum| totals.public_send(sum) }).to all(eq(0))
      expect([totals.bottleneck, totals.stages_in_order]).to eq([nil, []])
      expect(totals.to_h).not_to have_key(:bottleneck)
    end

    it "finds the bottleneck, the first one on a tie (contract 12)" do
      fill
      expect(totals.bottleneck.stage_name).to eq(:work)
      tie = described_class.new(:job, dag)
      %i[gen work].each { |name| tie.for_stage(name) }
      expect(tie.bottleneck.stage_name).to eq(:gen)
    end

    it "lists stages from source to end (contract 12)" do
      fill
      expect(totals.stages_in_order.map(&:stage_name)).to eq(%i[gen work end])
    end

    it "stops the clocks of all stages that run at one instant (contract 12)" do
      totals.start!
      first = totals.for_stage(:gen).tap { |stage| over(stage, 1.0) }
      second = totals.for_stage(:work).tap(&:start!)
      totals.finish!
      expect(first.runtime).to be_within(0.001).of(1.0)
      expect(second.finished?).to be(true)
      expect(totals.for_stage(:end).started?).to be(false)
    end

    it "shows itself as data (contract 12)" do
      fill
      expect(totals.to_h).to include(
        pipeline: :job, runtime: 10.0, total_produced: 20, total_consumed: 20, throughput: 2.0,
        bottleneck: { stage: :work, throughput: 2.5 }
      )
      expect(totals.to_h[:stages].map { |stage| stage[:stage_name] }).to eq(%i[gen work end])
    end

    it "sums itself up (contract 12)" do
      fill
      expect(totals.summary).to include("Pipeline: job", "Runtime:", "Items:", "Throughput:", "Bottleneck:", "Stages:")
      expect(described_class.new(:job, dag).summary).not_to include("Bottleneck:")
    end
  end

  it "tells the median and the maximum of its children's memory, when there are any" do
    expect(stats.child_memory).to be_nil
    [[5, 10, 30], [9, 7, 10], [1, 9, 20]].each { |bytes| stats.add_child_memory(bytes) }
    expect(stats.child_memory).to eq(samples: 3, pss: { median: 5, max: 9 }, private: { median: 9, max: 10 },
                                     shared: { median: 20, max: 30 })
  end

  it "asks the first, second, fourth, eighth ... child, of short ones the first, and some of very many" do
    asked = ->(seconds) { (1..200).select { |number| Minigun::Stats::ChildMemory.sample?(number, seconds) } }

    expect(asked.call(0.02)).to eq([1, 2, 4, 8, 16, 32, 64, 128])
    expect(asked.call(0.019)).to eq([1, 64, 128])
  end
end
