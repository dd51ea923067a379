# frozen_string_literal: true

RSpec.describe "named pipelines (contract 3.3, 10.6)" do
  it "are connected by to: and from:, whatever the order of definition" do
    job = run_job(rows: []) do
      pipeline(:last, from: :middle) { consumer(:collect) { |i| @rows << i } }
      pipeline :middle do
        processor(:double) { |i| emit i * 2 }
      end
      pipeline(:first, to: :middle) { producer(:numbers) { 5.times { |i| emit i + 1 } } }
    end
    expect(job.rows).to eq([2, 4, 6, 8, 10])
  end

  it "fan out to several, each gets everything" do
    job = run_job(a: [], b: []) do
      pipeline(:feed, to: %i[left right]) do
        producer(:numbers) { 4.times { |i| emit i } }
        processor(:shape) { |i| emit({ id: i, square: i * i }) }
      end
      pipeline(:left) { consumer(:keep) { |row| @a << row } }
      pipeline(:right) { consumer(:keep) { |row| @b << row[:square] } }
    end
    expect(job.a).to eq([0, 1, 2, 3].map { |i| { id: i, square: i * i } })
    expect(job.b).to eq([0, 1, 4, 9])
  end

  it "stand before the stages of unnamed blocks, wherever they are written" do
    job = run_job(rows: []) do
      pipeline { consumer(:sink) { |i| @rows << i } }
      pipeline(:one) { producer(:a) { emit 1 } }
      pipeline { consumer(:second) { |i| i } }
      pipeline(:two, to: :sink) { producer(:b) { emit 2 } }
    end
    expect(job.class._minigun_task.root_pipeline.stage_order).to eq(%i[one two sink second])
    expect(job.rows).to eq([2])
  end

  it "take a root stage as source and as target" do
    job = run_job(rows: []) do
      pipeline(:inner, from: :src, to: :sink) { processor(:negate) { |i| emit(-i) } }
      pipeline do
        producer(:src) { 3.times { |i| emit i + 1 } }
        consumer(:sink) { |i| @rows << i }
      end
    end
    expect(job.rows).to eq([-1, -2, -3])
  end

  it "are isolated without to: and from:" do
    job = run_job(rows: []) do
      %i[one two three].each do |name|
        pipeline(name) do
          producer(:numbers) { 2.times { |i| emit [name, i] } }
          consumer(:collect) { |pair| @rows << [name, pair] }
        end
      end
    end
    expect(job.rows).to match_array(%i[one two three].flat_map { |name| [[name, [name, 0]], [name, [name, 1]]] })
    job.class._minigun_task.pipelines.each_value { |pipeline| expect(pipeline.dag.nodes).not_to include(:_input) }
    expect(job.class._minigun_task.dag.edges).to eq(one: [], two: [], three: [])
  end

  it "run at the same time" do
    left = Thread::Queue.new
    right = Thread::Queue.new
    job = run_job(rows: []) do
      pipeline(:one) do
        producer(:a) { (left << 1) && emit(right.pop) }
        consumer(:collect) { |i| @rows << i }
      end
      pipeline(:two) do
        producer(:b) { (right << 2) && emit(left.pop) }
        consumer(:collect) { |i| @rows << i }
      end
    end
    expect(job.rows.sort).to eq([1, 2])
  end

  it "add to the pipeline of that name when it is opened again" do
    job = run_job(rows: []) do
      pipeline(:one) { producer(:a) { emit 1 } }
      pipeline(:one) { consumer(:collect) { |i| @rows << i } }
    end
    expect(job.rows).to eq([1])
    expect(job.class._minigun_task.pipelines[:one].stages.keys).to eq(%i[a collect])
  end

  it "each have their own hooks, contexts, batches and stages of the same names" do
    job = run_job(rows: [], log: []) do
      pipeline(:threads) do
        before_run { @log << :threads }
        producer(:src) { 4.times { |i| emit i } }
        batch 2
        threads(2) { consumer(:sink) { |group| @rows << [:threads, group, Process.pid] } }
        before(:sink) { @log << :before_threads }
      end
      pipeline(:children) do
        after_run { @log << :children }
        producer(:src) { 3.times { |i| emit i } }
        batch 3
        process_per_batch(max: 1) { consumer(:sink) { |group| @rows << [:children, group, Process.pid] } }
      end
    end
    here, there = job.rows.partition { |row| row[0] == :threads }
    expect(here.map { |row| row[1..] }).to contain_exactly([[0, 1], Process.pid], [[2, 3], Process.pid])
    expect(there.map { |row| row[1] }).to eq([[0, 1, 2]])
    expect(there.map(&:last)).not_to include(Process.pid)
    expect(job.log.tally).to eq(threads: 1, children: 1, before_threads: 2)
  end

  it "hold nested pipelines" do
    job = run_job(rows: []) do
      pipeline(:one, to: :two) do
        producer(:src) { 2.times { |i| emit i } }
        pipeline(:in) { pipeline(:deep) { processor(:add) { |i| emit i + 10 } } }
      end
      pipeline(:two) { pipeline(:in) { consumer(:collect) { |i| @rows << i } } }
    end
    expect(job.rows).to eq([10, 11])
  end

  it "count what they hand on as produced (contract 10.9)" do
    klass = job_class do
      pipeline(:feed, to: :sink) do
        producer(:src) { 6.times { |i| emit i } }
        processor(:filter) { |i| emit(i) if i.even? }
      end
      pipeline { consumer(:sink) { |i| i } }
    end
    expect(klass.new.run).to eq(3)
  end

  it "fail with the pipelines' names when they form a circle (contract 10.7)" do
    expect do
      run_job do
        pipeline(:a, to: :b) { producer(:x) { emit 1 } }
        pipeline(:b, to: :c) { processor(:y) { |i| emit i } }
        pipeline(:c, to: :a) { processor(:z) { |i| emit i } }
      end
    end.to raise_error(Minigun::Error, /Circular dependency.*:c.*:a/)
  end

  it "fail when the name belongs to an ordinary stage, or leads nowhere" do
    klass = job_class do
      pipeline do
        producer(:src) { emit 1 }
        pipeline(:src) { consumer(:sink) { |i| i } }
      end
    end
    expect { klass.new.run }.to raise_error(Minigun::Error, /:src already exists as a non-pipeline stage/)
    expect { run_job { pipeline(:a, to: :missing) { producer(:x) { emit 1 } } } }
      .to raise_error(Minigun::Error, /:missing/)
  end
end
