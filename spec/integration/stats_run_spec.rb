# frozen_string_literal: true

RSpec.describe "statistics of a run" do
  include Runs

  include_context "nothing is left"

  Runs::KINDS.each do |kind|
    it "count exactly, from inside children too: #{kind} (contract 12, 21.4)" do
      count = kind == :process_per_batch ? 20 : 1_000
      job = job do
        producer(:source) { count.times { |n| emit n } }
        Runs.within(self, kind, 3) do |options|
          processor(:work, options) do |n|
            raise "tenth" if n % 10 == 9

            emit n
            emit_to_stage :extra, n if n.even?
          end
        end
        consumer(:sink) { |_| nil }
        consumer(:extra, from: :sink) { |_| nil }
      end

      expect(job.run).to eq(count)
      expect(stats_of(job, :source)).to have_attributes(items_produced: count, items_consumed: 0, items_failed: 0)
      expect(stats_of(job, :work)).to have_attributes(
        items_consumed: count, items_produced: (count * 9 / 10) + (count / 2), items_failed: count / 10
      )
      expect(stats_of(job, :sink)).to have_attributes(items_consumed: count * 9 / 10, items_produced: 0)
      expect(stats_of(job, :extra)).to have_attributes(items_consumed: count / 2)
      expect(job.report).to have_attributes(produced: count, failed: count / 10)
    end

    it "count what producers emit, each on its own: #{kind} (contract 12)" do
      job = job do
        Runs.within(self, kind) do |options|
          producer(:ten, options) { 10.times { |n| emit n } }
          producer(:five, options) { 5.times { |n| emit n } }
        end
        consumer(:sink) { |_| nil }
      end

      expect(job.run).to eq(15)
      expect(%i[ten five].map { |name| stats_of(job, name).items_produced }).to eq([10, 5])
      expect(job.report.stats).to have_attributes(total_produced: 15, total_consumed: 15)
    end

    it "record a latency for each item: #{kind} (contract 12)" do
      job = job do
        producer(:source) { 5.times { |n| emit n } }
        Runs.within(self, kind) { |options| processor(:work, options) { |_| sleep 0.002 } }
      end
      job.run

      latency = stats_of(job, :work).to_h.fetch(:latency)
      expect(latency).to include(samples: 5, observations: 5)
      expect(latency[:p50]).to be >= 2
      expect(stats_of(job, :source)).not_to have_latency_data
    end

    it "find the bottleneck of a chain of three: #{kind} (contract 12)" do
      job = job do
        producer(:quick) { 10.times { |n| emit n } }
        Runs.within(self, kind, 1) do |options|
          processor(:slow, options) do |n|
            sleep 0.002
            emit n
          end
        end
        consumer(:last) { |_| nil }
      end
      job.run
      stats = job.report.stats

      expect(stats.bottleneck.stage_name).to eq(:slow)
      expect(stats).to have_attributes(total_produced: 10, total_consumed: 10)
      expect(stats.throughput).to be_positive
      expect(stats.stages_in_order.map(&:stage_name)).to eq(%i[quick slow last])
      expect(stats.to_h.fetch(:bottleneck)).to include(stage: :slow)
    end
  end

  it "find the middle stage to be the bottleneck also where all are quick, 50 times (contract 12)" do
    50.times do
      job = job do
        producer(:quick) { 20.times { |n| emit n } }
        processor(:middle) { |n| emit n }
        consumer(:last) { |_| nil }
      end
      job.run

      expect(job.report.stats.bottleneck.stage_name).to eq(:middle)
    end
  end

  it "are those of the last run on task and pipeline (contract 3.4)" do
    klass = class_of_jobs do
      producer(:source) { @count.times { |n| emit n } }
      consumer(:sink) { |_| nil }
    end
    klass.class_eval { attr_writer :count }
    job = klass.new
    [3, 5].each do |count|
      job.count = count
      job.run
    end

    root = klass._minigun_task.root_pipeline
    expect(root.stats.total_produced).to eq(5)
    expect(root.report).to be(job.report)
    expect(root.stats.stage_stats.keys).to eq(%i[source sink])
  end

  it "know which stages are terminal (contract 12)" do
    job = job do
      producer(:source, to: %i[one two]) { 4.times { |n| emit n } }
      processor(:one, to: :three) { |n| emit n }
      processor(:two) { |n| emit n }
      consumer(:three, from: :source) { |_| nil }
    end
    job.run

    expect(job.report.stats.stage_stats.select { |_, stats| stats.terminal? }.keys).to contain_exactly(:two, :three)
    expect(stats_of(job, :one).total_items).to eq(4)
    expect(job.report.stats.total_consumed).to eq(12)
  end

  it "have a runtime for every stage, none longer than the run (contract 12)" do
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      threads(2) { processor(:one) { |n| emit n } }
      batch 2
      processes(1) { consumer(:two) { |_| nil } }
    end
    job.run

    runtimes = job.report.stats.stage_stats.transform_values(&:runtime)
    expect(runtimes.values).to all(be_positive)
    expect(runtimes.values).to all(be <= job.report.stats.runtime + 0.001)
  end

  it "count at the borders of inner pipelines (contract 10.6)" do
    klass = class_of_jobs { consumer(:sink, from: :second) { |_| nil } }
    klass.pipeline(:first, to: :second) do
      producer(:source) { 6.times { |n| emit n } }
      processor(:even) { |n| emit n if n.even? }
    end
    klass.pipeline(:second) { processor(:twice) { |n| 2.times { emit n } } }
    job = klass.new

    expect(job.run).to eq(3)
    expect(stats_of(job, :first)).to have_attributes(items_produced: 3)
    expect(stats_of(job, :second)).to have_attributes(items_consumed: 3, items_produced: 6)
    expect(stats_of(job, :sink)).to have_attributes(items_consumed: 6)
  end

  it "have inner pipelines' own account (contract 10.6)" do
    klass = class_of_jobs { nil }
    klass.pipeline(:one) do
      producer(:source) { 6.times { |n| emit n } }
      consumer(:sink) { |_| nil }
    end
    klass.new.run

    inner = klass._minigun_task.root_pipeline.stages[:one].pipeline
    expect(inner.stats.stage_stats.transform_values(&:items_consumed)).to eq(source: 0, sink: 6)
  end

  it "count a failed batch's emission only where it was made (contract 21.4)" do
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      accumulator :pairs, max_size: 2
      process_per_batch(max: 1) { processor(:work) { |list| list.first.zero? ? raise("no") : emit(list.size) } }
      consumer(:sink) { |_| nil }
    end
    job.run

    expect(stats_of(job, :work)).to have_attributes(items_consumed: 2, items_produced: 1, items_failed: 1)
    expect(stats_of(job, :pairs)).to have_attributes(items_consumed: 4, items_produced: 2)
  end

  it "show in report: counts per stage, failures, JSON (contract 21.4)" do
    job = job do
      producer(:source) { 3.times { |n| emit n } }
      processes(1) { consumer(:work) { |n| raise ArgumentError, "not one" if n == 1 } }
    end
    job.run

    expect(job.report.stages).to eq(
      source: { consumed: 0, produced: 3, accepted: 0, processed: 0, failed: 0, abandoned: 0, retried: 0 },
      work: { consumed: 3, produced: 0, accepted: 3, processed: 2, failed: 1, abandoned: 0, retried: 0 }
    )
    parsed = JSON.parse(job.report.to_json)
    expect(parsed).to include("produced" => 3, "failed" => 1)
    expect(parsed["failures"]).to eq(
      [{ "stage" => "work", "item" => "1", "count" => 1, "attempt" => 1, "delivered" => 0, "cause" => "exception",
         "error" => { "class" => "ArgumentError", "message" => "not one" } }]
    )
    expect(job.report.to_s).to include("work: 3 in, 0 out, 1 failed").and include("not one")
  end

  it "are counted when threads of a stage count at once (contract 12)" do
    job = job do
      producer(:source) { 500.times { |n| emit n } }
      threads(4) { processor(:work) { |n| 4.times { emit n } } }
      consumer(:sink) { |_| nil }
    end
    job.run

    expect(stats_of(job, :work)).to have_attributes(items_consumed: 500, items_produced: 2_000)
    expect(stats_of(job, :sink)).to have_attributes(items_consumed: 2_000)
  end
end
