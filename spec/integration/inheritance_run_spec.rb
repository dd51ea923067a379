# frozen_string_literal: true

RSpec.describe "inherited pipelines that run (contract 3.6)" do
  let(:parent) do
    job_class(rows: []) do
      max_threads 9
      pipeline do
        producer(:src) { 3.times { |i| emit i + start } }
        processor(:mid) { |i| emit i * 10 }
        consumer(:sink) { |i| @rows << i }
      end

      def start = 1
    end
  end

  def rows_of(klass) = klass.new.tap(&:run).rows

  def edges_of(klass) = klass._minigun_task.dag.edges

  it "gives a subclass a task of its own, with the parent's configuration as it was then" do
    child = Class.new(parent)
    child.max_threads 2
    parent.max_processes 8
    expect(child._minigun_task.config).to include(max_threads: 2, max_processes: 2)
    expect(parent._minigun_task.config).to include(max_threads: 9, max_processes: 8)
    expect(child._minigun_task).not_to equal(parent._minigun_task)
    expect(child._minigun_task.root_pipeline).not_to equal(parent._minigun_task.root_pipeline)
    expect([child, parent].map { |klass| klass._minigun_task.stages }).to eq([{}, {}])
  end

  it "runs the parent's stages on the child, whose methods are called" do
    child = Class.new(parent) { def start = 5 }
    expect(rows_of(child)).to eq([50, 60, 70])
    expect(rows_of(parent)).to eq([10, 20, 30])
  end

  it "inserts a stage by rerouting, and leaves parent and siblings alone, in any order of runs" do
    insert = Class.new(parent) do
      pipeline do
        processor(:extra) { |i| emit i + 1 }
        reroute_stage :mid, to: :extra
        reroute_stage :extra, to: :sink
      end
    end
    skip = Class.new(parent) { pipeline { reroute_stage :src, to: :sink } }
    expected = { parent => [10, 20, 30], insert => [11, 21, 31], skip => [1, 2, 3] }
    expected.keys.permutation.each do |order|
      expect(order.to_h { |klass| [klass, rows_of(klass)] }).to eq(expected)
    end
    expect(edges_of(insert)).to eq(src: [:mid], mid: [:extra], extra: [:sink], sink: [])
    expect(edges_of(skip)).to eq(src: [:sink], mid: [:sink], sink: [])
  end

  it "does not close a cycle by default when a stage is put in between" do
    two = job_class(rows: []) do
      pipeline do
        producer(:src) { 2.times { |i| emit i } }
        consumer(:sink) { |i| @rows << i }
      end
    end
    child = Class.new(two) do
      pipeline do
        processor(:mid) { |i| emit [i] }
        reroute_stage :src, to: :mid
        reroute_stage :mid, to: :sink
      end
    end
    expect(rows_of(child)).to eq([[0], [1]])
    expect(edges_of(child)).to eq(src: [:mid], sink: [], mid: [:sink])
  end

  it "may reroute to several stages, and twice" do
    child = Class.new(parent) do
      2.times do
        pipeline do
          consumer(:audit) { |i| @rows << -i }
          reroute_stage :mid, to: %i[sink audit]
        end
      end
    end
    expect(rows_of(child).sort).to eq([-30, -20, -10, 10, 20, 30])
  end

  it "refuses to close a circle by rerouting, naming both ends (contract 10.7)" do
    child = Class.new(parent) do
      pipeline do
        reroute_stage :mid, to: :sink
        reroute_stage :sink, to: :mid
      end
    end
    expect { child.new.run }.to raise_error(Minigun::Error, /Circular dependency.*:sink.*:mid/)
  end

  it "adds stages, hooks of inherited stages and contexts, over several levels" do
    child = Class.new(parent) do
      pipeline do
        after(:mid) { (@log ||= []) << :child }

        before_run { @rows << :begin }
      end
    end
    grandchild = Class.new(child) do
      pipeline do
        after(:mid) { @log << :grandchild }

        process_per_batch(max: 2) { processor(:forked) { |i| emit i + 7 } }
        reroute_stage :mid, to: :forked
        reroute_stage :forked, to: :sink
      end
      attr_reader :log
    end
    job = grandchild.new
    job.run
    expect(job.rows.first).to eq(:begin)
    expect(job.rows.drop(1).sort).to eq([17, 27, 37])
    expect(job.log).to eq(%i[child grandchild] * 3)
    expect(rows_of(child)).to eq([:begin, 10, 20, 30])
    expect(rows_of(parent)).to eq([10, 20, 30])
  end

  it "has named pipelines of the parent, each class its own" do
    named = job_class(rows: []) do
      max_threads 3
      pipeline(:feed, to: :drain) { producer(:numbers) { 2.times { |i| emit i + offset } } }
      pipeline(:drain) { consumer(:collect) { |i| @rows << i } }
      def offset = 0
    end
    child = Class.new(named) do
      max_threads 1
      pipeline(:drain) { processor(:more) { |i| i } }
      def offset = 100
    end
    expect([rows_of(child), rows_of(named)]).to eq([[100, 101], [0, 1]])
    inner = [named, child].map { |klass| klass._minigun_task.pipelines[:drain] }
    expect(inner.map { |pipeline| pipeline.stages.keys }).to eq([[:collect], %i[collect more]])
    expect(inner.map { |pipeline| pipeline.config[:max_threads] }).to eq([3, 1])
  end

  it "lets NotImplementedError of an abstract producer out of run, and no other class suffers (contract 10.7)" do
    abstract = job_class(rows: []) do
      pipeline do
        producer(:src) { each_item { |item| emit item } }
        consumer(:sink) { |i| @rows << i }
      end
      def each_item = raise(NotImplementedError, "#{self.class} has to say")
    end
    concrete = Class.new(abstract) { def each_item(&block) = [1, 2].each(&block) }
    expect { abstract.new.run }.to raise_error(NotImplementedError, /has to say/)
    expect(rows_of(concrete)).to eq([1, 2])
    expect(Thread.list.filter_map(&:name).grep(/minigun/)).to be_empty
  end

  it "works with fork hooks and an accumulator of default size" do
    base = job_class(rows: [], forks: []) do
      pipeline do
        producer(:src) { 250.times { |i| emit i } }
        accumulator(:group)
        process_per_batch(max: 2) { consumer(:sink) { |group| @rows << group.size } }
        before_fork { @forks << Process.pid }
        after_fork(:sink) { @rows << :forked }
      end
    end
    job = Class.new(base) { pipeline { before_fork(:sink) { @forks << :child_class } } }.new
    job.run
    expect(job.rows.grep(Integer).sort).to eq([50, 100, 100])
    expect(job.rows.count(:forked)).to eq(3)
    expect(job.forks).to eq([Process.pid, :child_class] * 3)
  end

  it "keeps a class's own `inherited`, called with super or not" do
    seen = []
    base = job_class(rows: []) do
      define_singleton_method(:inherited) { |klass| (seen << klass) && super(klass) }
      pipeline { producer(:src) { emit 1 } }
    end
    child = Class.new(base) { pipeline { consumer(:sink) { |i| @rows << i } } }
    expect(rows_of(child)).to eq([1])
    expect(seen).to eq([child])
  end
end
