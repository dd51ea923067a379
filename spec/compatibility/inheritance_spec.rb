# frozen_string_literal: true

require "tempfile"
require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "inheritance" do
  before { allow(Minigun.logger).to receive(:info) }

  let(:parent) do
    Class.new do
      include Minigun::DSL

      max_threads 6
      max_retries 8

      attr_reader :results, :events

      def initialize
        @results = []
        @events = []
        @mutex = Mutex.new
      end

      pipeline do
        producer(:source) { items.each { |item| emit(item) } }
        consumer(:sink) { |item| @mutex.synchronize { results << item } }
      end

      def items = [1, 2, 3]
    end
  end

  def results_of(klass)
    klass.new.tap(&:run).results.sort
  end

  describe "the task" do
    let(:child) { Class.new(parent) }

    it "is another (contract 3.6)" do
      expect(child._minigun_task).not_to be(parent._minigun_task)
      expect(child._minigun_task.root_pipeline).not_to be(parent._minigun_task.root_pipeline)
    end

    it "has the configuration of the parent, as a copy (contract 3.6)" do
      expect(child._minigun_task.config).not_to be(parent._minigun_task.config)
      expect(child._minigun_task.config.values_at(:max_threads, :max_retries)).to eq([6, 8])
      child.max_threads 20
      expect(child._minigun_task.config[:max_threads]).to eq(20)
      expect(parent._minigun_task.config[:max_threads]).to eq(6)
    end

    it "does not follow what the parent sets later (contract 3.6)" do
      child
      parent.max_threads 50
      expect(child._minigun_task.config[:max_threads]).to eq(6)
    end

    it "has no stages before a run, nor has the parent's (contract 3.6)" do
      expect([parent, child].map { |klass| klass._minigun_task.stages[:source] }).to eq([nil, nil])
    end

    it "is of the class at every level (contract 3.6)" do
      grandchild = Class.new(child)
      tasks = [parent, child, grandchild].map(&:_minigun_task)
      expect(tasks.uniq(&:object_id).size).to eq(3)
      expect(tasks.map { |task| task.config[:max_retries] }).to eq([8, 8, 8])
    end
  end

  it "inherits the pipeline (contract 3.6)" do
    expect(results_of(Class.new(parent))).to eq([1, 2, 3])
  end

  it "runs overridden methods (contract 3.6)" do
    child = Class.new(parent) { def items = [7, 8] }
    expect(results_of(child)).to eq([7, 8])
    expect(results_of(parent)).to eq([1, 2, 3])
  end

  it "adds stages behind those of the parent, rerouted (contract 3.6)" do
    child = Class.new(parent) do
      pipeline do
        processor(:double) { |item| emit(item * 2) }
        reroute_stage :source, to: :double
        reroute_stage :double, to: :sink
      end
    end
    expect(results_of(child)).to eq([2, 4, 6])
    dag = child._minigun_task.root_pipeline.dag
    expect(dag.downstream(:sink)).to eq([])
    expect(dag.downstream(:source)).to eq([:double])
  end

  it "skips a stage of the parent (contract 3.6)" do
    middle = Class.new do
      include Minigun::DSL

      attr_reader :results

      def initialize = @results = []

      pipeline do
        producer(:source) { emit(1) }
        processor(:work) { |item| emit(item * 100) }
        consumer(:sink) { |item| results << item }
      end
    end
    child = Class.new(middle) { pipeline { reroute_stage :source, to: :sink } }
    expect(results_of(child)).to eq([1])
    expect(child._minigun_task.root_pipeline.dag.downstream(:work)).to eq([:sink])
    expect(results_of(middle)).to eq([100])
  end

  it "reroutes to several (contract 3.6, 4)" do
    child = Class.new(parent) do
      pipeline do
        consumer(:journal) { |item| @mutex.synchronize { events << item } }
        reroute_stage :source, to: %i[sink journal]
      end
    end
    job = child.new
    job.run
    expect([job.results.sort, job.events.sort]).to eq([[1, 2, 3], [1, 2, 3]])
  end

  it "refuses a route that closes a circle (contract 3.6, 4)" do
    child = Class.new(parent) { pipeline { reroute_stage :sink, to: :source } }
    expect { child.new.run }.not_to raise_error
    circle = Class.new(child) { pipeline { reroute_stage :source, to: :sink } }
    expect { circle.new.run }.to raise_error(Minigun::Error, /Circular dependency/)
  end

  it "adds hooks for stages of the parent (contract 3.6)" do
    child = Class.new(parent) do
      pipeline do
        before_run { events << :run }
        before(:source) { events << :before_source }
        after(:sink) { events << :after_sink }
      end
    end
    job = child.new
    job.run
    expect(job.events).to eq(%i[run before_source after_sink after_sink after_sink])
    expect(parent.new.tap(&:run).events).to eq([])
  end

  it "runs hooks of the parent before its own (contract 3.6)" do
    with_hook = Class.new(parent) { pipeline { before_run { events << :parent } } }
    child = Class.new(with_hook) { pipeline { before_run { events << :child } } }
    expect(child.new.tap(&:run).events).to eq(%i[parent child])
    expect(with_hook.new.tap(&:run).events).to eq([:parent])
  end

  it "leaves siblings alone, whoever runs first (contract 3.6)" do
    scaled = [2, 10].map do |factor|
      Class.new(parent) do
        pipeline do
          processor(:scale) { |item| emit(item * factor) }
          reroute_stage :source, to: :scale
          reroute_stage :scale, to: :sink
        end
      end
    end
    expected = { parent => [1, 2, 3], scaled[0] => [2, 4, 6], scaled[1] => [10, 20, 30] }
    (expected.keys.shuffle + expected.keys.shuffle).each do |klass|
      expect(results_of(klass)).to eq(expected[klass])
    end
  end

  it "goes over several levels (contract 3.6)" do
    second = Class.new(parent) { pipeline { before_run { events << 2 } } }
    third = Class.new(second) do
      def items = [9]
      pipeline { after_run { events << 3 } }
    end
    job = third.new
    job.run
    expect([job.results, job.events]).to eq([[9], [2, 3]])
  end

  it "leaves the user's own inherited alone (contract 16, Q40)" do
    seen = []
    watched = Class.new(parent) do
      define_singleton_method(:inherited) do |subclass|
        super(subclass)
        seen << subclass
      end
    end
    child = Class.new(watched)
    expect(seen).to eq([child])
    expect(results_of(child)).to eq([1, 2, 3])
  end

  describe "a pattern with abstract methods" do
    let(:publisher) do
      Class.new do
        include Minigun::DSL

        attr_reader :events

        def initialize
          @events = []
          @file = Tempfile.new("published").tap(&:close)
        end

        pipeline do
          before_run { events << :connect }
          before_fork { events << :disconnect }
          after_fork { append("reconnect") }
          producer(:rows) { rows.each { |row| emit(row) } }
          accumulator :gather
          process_per_batch(max: 2) do
            consumer(:publish) { |batch| batch.each { |row| append(text_of(row)) } }
          end
          after_run { events.concat(File.readlines(@file.path, chomp: true)) }
        end

        def rows = raise(NotImplementedError, "#{self.class} has no rows")
        def text_of(row) = "row #{row}"

        private

        def append(text)
          File.open(@file.path, "a") do |file|
            file.flock(File::LOCK_EX)
            file.puts(text)
          end
        end
      end
    end

    it "raises what is not implemented, at once (contract 3.6, 10.7)" do
      expect { publisher.new.run }.to raise_error(NotImplementedError, /no rows/)
    end

    it "raises it again on the next run, and leaves no thread (contract 10.7)" do
      job = publisher.new
      threads = Thread.list.size
      2.times { expect { job.run }.to raise_error(NotImplementedError) }
      eventually(1) { Thread.list.size <= threads }
    end

    it "forks for what is implemented (contract 3.6, 10.4)" do
      child = Class.new(publisher) do
        def rows = [1, 2, 3]
        def text_of(row) = "my #{row}"
      end
      job = child.new
      job.run
      expect(job.events).to eq([:connect, :disconnect, "reconnect", "my 1", "my 2", "my 3"])
    end

    it "forks once for as many as the default size holds (contract 7.3)" do
      child = Class.new(publisher) { def rows = (1..150) }
      job = child.new
      job.run
      expect(job.events.count(:disconnect)).to eq(2)
      expect(job.events.grep(/row/).size).to eq(150)
    end
  end
end
