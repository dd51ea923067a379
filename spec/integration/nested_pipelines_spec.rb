# frozen_string_literal: true

RSpec.describe "nested pipelines (contract 3.3, 10.6, 16)" do
  include_context "base set"

  it "are a stage at their place, to any depth" do
    job = run_job(rows: []) do
      pipeline do
        producer(:src) { 3.times { |i| emit i } }
        pipeline :one do
          processor(:add) { |i| emit i + 1 }
          pipeline :two do
            processor(:times) { |i| emit i * 10 }
            pipeline :three do
              processor(:minus) { |i| emit(-i) }
              pipeline(:four) { processor(:wrap) { |i| emit [i] } }
            end
          end
        end
        consumer(:sink) { |i| @rows << i }
      end
    end
    expect(job.rows).to eq([[-10], [-20], [-30]])
  end

  it "each have a graph of their own" do
    job = run_job(rows: []) do
      pipeline do
        producer(:src) { 4.times { |i| emit i } }
        pipeline :inner do
          processor(:split, to: %i[even odd]) { |i| i.even? ? emit_to_stage(:even, i) : emit_to_stage(:odd, i) }
          processor(:even, to: :join) { |i| emit [:even, i] }
          processor(:odd, to: :join) { |i| emit [:odd, i] }
          processor(:join) { |pair| emit pair }
        end
        consumer(:sink) { |pair| @rows << pair }
      end
    end
    expect(job.rows.sort).to eq([[:even, 0], [:even, 2], [:odd, 1], [:odd, 3]])
    root = job.class._minigun_task.root_pipeline
    expect(root.dag.edges).to eq(src: [:inner], inner: [:sink], sink: [])
    expect(root.stages[:inner].pipeline.dag.edges).to eq(split: %i[even odd], even: [:join], odd: [:join], join: [])
  end

  it "honour contexts, also those of the blocks around them" do
    job = run_job(rows: [], pids: {}) do
      pipeline do
        execution_context :cpu, :processes, 2
        producer(:src) { 4.times { |i| emit i } }
        process_per_batch(max: 2) do
          pipeline :inner do
            processor(:around) { |i| ((@pids[:around] ||= Set.new) << Process.pid) && emit(i) }
            threads(2) { processor(:own) { |i| ((@pids[:own] ||= Set.new) << Process.pid) && emit(i) } }
            pipeline :deeper do
              processor(:named, execution_context: :cpu) { |i| ((@pids[:named] ||= Set.new) << Process.pid) && emit(i) }
            end
          end
        end
        consumer(:sink) { |i| @rows << i }
      end
    end
    expect(job.rows.sort).to eq([0, 1, 2, 3])
    expect(job.pids[:own]).to eq(Set[Process.pid])
    expect(job.pids[:around].size).to eq(4)
    expect(job.pids[:named].size).to be_between(1, 2)
    expect(job.pids[:around] | job.pids[:named]).not_to include(Process.pid)
  end

  it "number their batches for themselves, collect them, and flush the rest" do
    job = run_job(rows: []) do
      pipeline do
        producer(:src) { 7.times { |i| emit i } }
        batch 2
        pipeline :inner do
          batch 3
          processor(:sizes) { |groups| emit groups.map(&:size) }
          pipeline(:deeper) { batch 5 }
        end
        consumer(:sink) { |sizes| @rows << sizes }
      end
    end
    expect(job.rows).to eq([[[2, 2, 2], [1]]])
  end

  it "run their own hooks, inside the outer ones" do
    job = run_job(log: []) do
      pipeline do
        before_run { @log << :outer_before }
        after_run { @log << :outer_after }
        producer(:src) { emit 1 }
        pipeline :inner do
          before_run { @log << :inner_before }
          after_run { @log << :inner_after }
          before(:work) { @log << :before_work }
          after(:work) { @log << :after_work }

          processor(:work) { |i| emit i }
          after_producer { @log << :never }
        end
        consumer(:sink) { |i| @log << i }
      end
    end
    expect(job.log).to start_with(:outer_before, :inner_before, :before_work)
    expect(job.log).to end_with(:inner_after, :outer_after)
    expect(job.log).to include(:after_work, 1)
    expect(job.log).not_to include(:never)
  end

  it "run fork hooks of every pipeline around a fork, outer ones first" do
    job = run_job(log: []) do
      pipeline do
        before_fork { @log << :outer }
        after_fork { @log << :outer_child }
        producer(:src) { emit 1 }
        pipeline :inner do
          before_fork { @log << :inner }
          after_fork { @log << :inner_child }
          process_per_batch(max: 1) { consumer(:work) { |i| @log << i } }
          before_fork(:work) { @log << :stage }
        end
      end
    end
    expect(job.log).to eq([:outer, :inner, :stage, :outer_child, :inner_child, 1])
  end

  it "take fork hooks by their name, inline too, for every fork inside" do
    job = run_job(log: []) do
      pipeline do
        before_fork(:inner) { @log << :named }
        producer(:src) { emit 1 }
        pipeline :inner, after_fork: -> { @log << :named_child } do
          before_fork { @log << :own }
          process_per_batch(max: 1) { consumer(:work) { |i| @log << i } }
        end
      end
    end
    expect(job.log).to eq([:named, :own, :named_child, 1])
  end

  it "run producers of their own beside what comes from outside (contract 16, Q16)" do
    job = run_job(rows: []) do
      pipeline do
        producer(:src) { 2.times { |i| emit i } }
        pipeline :inner do
          producer(:own) { 2.times { |i| emit i + 100 } }
          processor(:negate) { |i| emit(-i) }
        end
        consumer(:sink) { |i| @rows << i }
      end
    end
    expect(job.rows.sort).to eq([-101, -100, -1, 0])
  end

  it "stream what their producers emit, and hand on what their last stage emits (contract 16, Q17-Q19)" do
    gate = Thread::Queue.new
    job = run_job(rows: []) do
      pipeline do
        pipeline :feed do
          producer(:numbers) do
            emit 1
            gate.pop
            emit 2
          end
          processor(:tag) { |i| emit [:tagged, i] }
          processor(:wrap) { |i| emit [i] }
        end
        consumer :sink do |i|
          @rows << i
          gate << :seen
        end
      end
    end
    expect(job.rows).to eq([[[:tagged, 1]], [[:tagged, 2]]])
    only = run_job(rows: []) do
      pipeline do
        pipeline(:feed) { producer(:numbers) { 2.times { |i| emit i } } }
        consumer(:sink) { |i| @rows << i }
      end
    end
    expect(only.rows).to eq([0, 1])
  end

  it "honour from: and to: (contract 16, Q14)" do
    job = run_job(a: [], b: []) do
      pipeline do
        producer(:left, to: :sink_a) { emit 1 }
        producer(:right, to: :sink_a) { emit 2 }
        pipeline(:inner, from: :right, to: :sink_b) { processor(:negate) { |i| emit(-i) } }
        consumer(:sink_a) { |i| @a << i }
        consumer(:sink_b) { |i| @b << i }
      end
    end
    expect([job.a.sort, job.b]).to eq([[1, 2], [-2]])
  end

  it "reach stages around them by emit_to_stage, and are reached as a whole" do
    job = run_job(rows: []) do
      pipeline do
        producer(:src, to: :sink) { emit_to_stage(:inner, 1) }
        pipeline(:inner, to: :sink) do
          processor(:add) { |i| emit i + 1 }
          pipeline(:deep) { processor(:out) { |i| emit_to_stage(:special, i * 10) } }
        end
        consumer(:special) { |i| @rows << [:special, i] }
        consumer(:sink) { |i| @rows << [:sink, i] }
      end
    end
    expect(job.rows).to eq([[:special, 20]])
  end

  it "see the variables and methods of the instance, at every level (contract 3.4)" do
    job = run_job(rows: [], factor: 3) do
      pipeline do
        producer(:src) { 4.times { |i| emit i } }
        pipeline :one do
          width = @factor
          pipeline :two do
            batch size
            threads(@factor) { processor(:work) { |group| emit [group.sum, width] } }
          end
        end
        consumer(:sink) { |pair| @rows << pair }
      end

      private

      def size = 2
    end
    expect(job.rows.sort).to eq([[1, 3], [5, 3]])
  end

  it "count: items in, out and failed, per pipeline and per stage (contract 12, 21.4)" do
    job = run_job do
      pipeline do
        producer(:src) { 5.times { |i| emit i } }
        pipeline :inner do
          processor(:check) { |i| i == 2 ? raise("two") : emit(i) }
          processor(:double) { |i| 2.times { emit i } }
        end
        consumer(:sink) { |i| i }
      end
    end
    expect(job.report.stages).to include(src: a_hash_including(consumed: 0, produced: 5, failed: 0),
                                         sink: a_hash_including(consumed: 8, produced: 0, failed: 0))
    expect(job.report.stages[:inner]).to include(consumed: 5, produced: 8, accepted: 9, processed: 8, failed: 1)
    inner = job.class._minigun_task.pipelines[:inner].stats
    expect(inner.stage_stats.transform_values { |s| [s.items_consumed, s.items_produced, s.items_failed] })
      .to eq(check: [5, 4, 1], double: [4, 8, 0])
    expect(job.report.failed).to eq(1)
  end

  it "count what fails at every level, from children too: the root adds up to the report (contract 21.4)" do
    job = run_job do
      pipeline do
        producer(:src) { 6.times { |i| emit i } }
        pipeline :outer do
          processor(:first) { |i| i.zero? ? raise("zero") : emit(i) }
          pipeline :inner do
            processes(1) { processor(:second) { |i| i.odd? ? raise("odd") : emit(i) } }
            accumulator(:pairs, max_size: 2) { |_| raise "batch" }
            producer(:broken) { raise "broken" }
          end
        end
      end
    end
    outer = job.class._minigun_task.pipelines[:outer]
    counts = [job.report.stats, outer.stats, outer.stages[:inner].pipeline.stats].map do |stats|
      stats.stage_stats.transform_values(&:items_failed)
    end
    expect(counts).to eq([{ src: 0, outer: 7 }, { first: 1, inner: 6 }, { second: 3, pairs: 2, broken: 1 }])
    expect(job.report.failed).to eq(7)
  end

  it "raise for bad routing inside, out of run, before anything starts (contract 16, Q20)" do
    log = []
    klass = job_class do
      pipeline do
        before_run { log << :started }
        producer(:src) { log << :produced }
        pipeline(:inner) { processor(:work, to: :nowhere) { |i| emit i } }
      end
    end
    expect { klass.new.run }.to raise_error(Minigun::Error, /nowhere/)
    expect(log).to be_empty
  end
end
