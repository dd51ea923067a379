# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun, "statistics" do
  describe Minigun::Stats do
    let(:stats) { described_class.new(:polish) }

    it "starts with nothing (contract 12)" do
      expect(stats.stage_name).to eq(:polish)
      expect([stats.items_produced, stats.items_consumed, stats.items_failed]).to eq([0, 0, 0])
      expect([stats.start_time, stats.end_time]).to eq([nil, nil])
    end

    it "notes when it starts and finishes (contract 12)" do
      stats.start!
      stats.finish!
      expect(stats.start_time).to be_a(Time)
      expect(stats.end_time).to be_a(Time).and(be >= stats.start_time)
    end

    it "counts by one and by more (contract 12)" do
      stats.increment_produced
      stats.increment_produced(4)
      stats.increment_consumed(3)
      stats.increment_failed
      expect([stats.items_produced, stats.items_consumed, stats.items_failed]).to eq([5, 3, 1])
      expect(stats.instance_variable_get(:@items_consumed)).not_to be_nil
    end

    it "counts exactly in many threads (contract 12)" do
      threads = Array.new(8) { Thread.new { 500.times { stats.increment_consumed } } }
      threads.each(&:join)
      expect(stats.items_consumed).to eq(4000)
    end

    describe "#runtime" do
      it "is 0 before the start (contract 12)" do
        expect(stats.runtime).to eq(0)
      end

      it "goes on until the end (contract 12)" do
        stats.start!
        first = stats.runtime
        expect(stats.runtime).to be >= first
        stats.finish!
        expect(stats.runtime).to eq(stats.end_time - stats.start_time)
      end
    end

    describe "#total_items" do
      it "is what was produced (contract 12)" do
        stats.increment_produced(7)
        stats.increment_consumed(3)
        expect(stats.total_items).to eq(7)
      end

      it "is what was consumed at a terminal (contract 12)" do
        terminal = described_class.new(:shelf, is_terminal: true)
        terminal.increment_produced(7)
        terminal.increment_consumed(3)
        expect(terminal.total_items).to eq(3)
      end
    end

    describe "rates" do
      it "are 0 without time or items (contract 12)" do
        expect(stats.throughput).to eq(0)
        expect(stats.time_per_item).to eq(0)
      end

      it "divide (contract 12)" do
        stats.start!
        stats.increment_produced(10)
        stats.finish!
        expect(stats.throughput).to be_within(0.001).of(10 / stats.runtime)
        expect(stats.time_per_item).to be_within(0.000001).of(stats.runtime / 10)
      end
    end

    describe "#success_rate" do
      it "is 100 without items (contract 12)" do
        expect(stats.success_rate).to eq(100.0)
      end

      it "is 100 when nothing failed (contract 12)" do
        stats.increment_produced(3)
        expect(stats.success_rate).to eq(100.0)
      end

      it "is a percentage (contract 12)" do
        stats.increment_produced(10)
        stats.increment_failed(2)
        expect(stats.success_rate).to eq(80.0)
      end
    end

    describe "latencies" do
      def record(count)
        count.times { |n| stats.record_latency(n.to_f) }
      end

      def samples
        stats.instance_variable_get(:@latency_samples)
      end

      def observations
        stats.instance_variable_get(:@latency_count)
      end

      it "has room for 1000 samples (contract 12, 15)" do
        expect(described_class::RESERVOIR_SIZE).to eq(1000)
      end

      it "has none at first (contract 12)" do
        expect(stats.has_latency_data?).to be false
        expect([stats.p50, stats.p90, stats.p95, stats.p99]).to eq([0, 0, 0, 0])
      end

      it "keeps all of a few (contract 12)" do
        record(10)
        expect(stats.has_latency_data?).to be true
        expect([samples.size, observations]).to eq([10, 10])
      end

      it "keeps exactly as many as there is room for (contract 12)" do
        record(1000)
        expect([samples.size, observations]).to eq([1000, 1000])
        expect(samples.minmax).to eq([0.0, 999.0])
      end

      it "keeps no more than there is room for (contract 12)" do
        record(2000)
        expect([samples.size, observations]).to eq([1000, 2000])
        expect(samples.max).to be > 999
      end

      it "keeps some of every part (contract 12)" do
        record(5000)
        fifths = Array.new(5) { |n| samples.count { |value| value.between?(n * 1000, (n * 1000) + 999) } }
        expect(fifths).to all(be > 100)
        expect(fifths.sum).to eq(1000)
      end

      it "keeps a constant distribution in a large stream (contract 12)" do
        10_000.times { |n| stats.record_latency((n % 100) / 1000.0) }
        expect(observations).to eq(10_000)
        expect(stats.p50).to be_within(0.01).of(0.05)
      end

      it "takes a million in time (contract 12)" do
        1_000_000.times { stats.record_latency(0.001) }
        expect([samples.size, observations]).to eq([1000, 1_000_000])
      end

      it "takes them from many threads (contract 12)" do
        threads = Array.new(4) { Thread.new { 250.times { |n| stats.record_latency(n) } } }
        threads.each(&:join)
        expect([samples.size, observations]).to eq([1000, 1000])
      end

      it "has percentiles (contract 12)" do
        (1..10).each { |n| stats.record_latency(n / 100.0) }
        expect(stats.p50).to be_between(0.04, 0.06)
        expect(stats.p90).to be_between(0.08, 0.10)
        expect(stats.p95).to be_between(0.09, 0.10)
        expect(stats.p99).to eq(0.10)
        expect(stats.percentile(50)).to eq(stats.p50)
      end

      it "has the one sample for all percentiles (contract 12)" do
        stats.record_latency(0.25)
        expect([stats.p50, stats.p99, stats.percentile(0), stats.percentile(100)]).to eq([0.25] * 4)
      end

      it "works with samples that were put in from outside (contract 15)" do
        stats.instance_variable_set(:@latency_samples, (1..100).map { |n| n / 1000.0 })
        stats.instance_variable_set(:@latency_count, 1000)
        expect(stats.has_latency_data?).to be true
        expect([stats.p50, stats.p90, stats.p95, stats.p99]).to eq([0.05, 0.09, 0.095, 0.099])
        expect(stats.to_h[:latency]).to include(samples: 100, observations: 1000)
      end

      it "has none again when the samples are taken away (contract 15)" do
        record(3)
        stats.instance_variable_set(:@latency_samples, [])
        expect(stats.has_latency_data?).to be false
        expect(stats.p99).to eq(0)
      end
    end

    describe "#to_h" do
      it "has everything (contract 12)" do
        stats.start!
        stats.increment_produced(10)
        stats.increment_failed(2)
        stats.finish!
        expect(stats.to_h).to include(stage_name: :polish, items_produced: 10, items_consumed: 0, items_failed: 2,
                                      total_items: 10, success_rate: 80.0)
        expect(stats.to_h).to include(:runtime, :throughput, :time_per_item)
        expect(stats.to_h).not_to have_key(:latency)
      end

      it "has latencies in milliseconds (contract 12)" do
        stats.record_latency(0.125)
        expect(stats.to_h[:latency]).to eq(p50: 125.0, p90: 125.0, p95: 125.0, p99: 125.0, samples: 1, observations: 1)
      end
    end

    describe "#to_s" do
      it "is one line with the figures (contract 12)" do
        stats.start!
        stats.increment_produced(10)
        text = stats.to_s
        expect(text).to include("polish", "Runtime:", "Items:", "Throughput:")
        expect(text).not_to match(/Failed:|Latency|\n/)
      end

      it "mentions failures and latencies when there are some (contract 12, 15)" do
        stats.increment_failed
        stats.instance_variable_set(:@latency_samples, [0.1, 0.2])
        expect(stats.to_s).to include("Failed:", "Latency")
      end
    end
  end

  describe Minigun::AggregatedStats do
    let(:dag) do
      Minigun::DAG.new.tap do |dag|
        dag.add_edge(:dig, :wash)
        dag.add_edge(:wash, :sell)
      end
    end
    let(:stats) { described_class.new(:gold, dag) }

    def fill
      stats.start!
      { dig: 10, wash: 8, sell: 0 }.each do |name, count|
        stage = stats.for_stage(name, is_terminal: name == :sell)
        stage.start!
        stage.increment_produced(count)
        stage.increment_consumed(8) unless name == :dig
        stage.finish!
      end
      stats.finish!
    end

    it "has a name and no stages (contract 12)" do
      expect(stats.pipeline_name).to eq(:gold)
      expect(stats.stage_stats).to eq({})
    end

    it "makes the statistics of a stage once (contract 12)" do
      first = stats.for_stage(:dig)
      expect(first).to be_a(Minigun::Stats)
      expect(stats.for_stage(:dig)).to be(first)
      expect(stats.stage_stats.keys).to eq([:dig])
    end

    it "knows terminals (contract 12)" do
      stats.for_stage(:sell, is_terminal: true).increment_consumed(4)
      expect(stats.for_stage(:sell).total_items).to eq(4)
    end

    it "has no runtime before the start (contract 12)" do
      expect(stats.runtime).to eq(0)
      expect(stats.throughput).to eq(0)
    end

    it "sums up (contract 12)" do
      fill
      expect(stats.total_produced).to eq(10)
      expect(stats.total_consumed).to eq(8)
      expect(stats.total_items).to eq(26)
      expect(stats.runtime).to be > 0
      expect(stats.throughput).to be > 0
    end

    it "counts missing stages as 0 (contract 12)" do
      expect([stats.total_items, stats.total_produced, stats.total_consumed]).to eq([0, 0, 0])
    end

    it "finds the bottleneck (contract 12)" do
      stages = %i[dig wash sell].map { |name| stats.for_stage(name) }
      stages.each(&:start!)
      stages.zip([90_000, 1, 90_000]) { |stage, count| stage.increment_produced(count) }
      stages.each(&:finish!)
      expect(stats.bottleneck.stage_name).to eq(:wash)
    end

    it "has no bottleneck without stages (contract 12)" do
      expect(stats.bottleneck).to be_nil
    end

    it "sorts stages as the items flow (contract 12)" do
      %i[sell dig].each { |name| stats.for_stage(name) }
      expect(stats.stages_in_order.map(&:stage_name)).to eq(%i[dig sell])
    end

    it "is a Hash (contract 12)" do
      fill
      hash = stats.to_h
      expect(hash).to include(pipeline: :gold, total_produced: 10, total_consumed: 8)
      expect(hash).to include(:runtime, :throughput)
      expect(hash[:stages].map { |stage| stage[:stage_name] }).to eq(%i[dig wash sell])
      expect(hash[:bottleneck]).to include(:stage, :throughput)
    end

    it "is a Hash without a bottleneck, too (contract 12)" do
      expect(stats.to_h).not_to have_key(:bottleneck)
    end

    it "is a text (contract 12)" do
      fill
      expect(stats.summary).to include("Pipeline: gold", "Runtime:", "Items:", "Throughput:", "Bottleneck:", "Stages:")
      expect(stats.summary.lines.size).to be > 3
    end
  end
end
