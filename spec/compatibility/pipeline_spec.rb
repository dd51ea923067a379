# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::Pipeline do
  let(:pipeline) { described_class.new(:works, max_threads: 4) }
  let(:context) { Class.new { attr_accessor :seen }.new.tap { |object| object.seen = [] } }

  before { allow(Minigun.logger).to receive(:info) }

  def producer(name, options = {}) = pipeline.add_stage(:producer, name, options) { emit(name) }
  def processor(name, options = {}) = pipeline.add_stage(:processor, name, options) { |item| emit(item) }
  def consumer(name, options = {}) = pipeline.add_stage(:consumer, name, options) { |item| seen << item }
  def route = pipeline.send(:build_dag_routing!)
  def targets(name) = pipeline.dag.downstream(name)

  # A pipeline stage wired in by hand.
  def inner(name, &block)
    Minigun::PipelineStage.new(name: name).tap do |stage|
      stage.pipeline = described_class.new(name).tap { |pipeline| pipeline.instance_exec(&block) }
      pipeline.stages[name] = stage
      pipeline.instance_variable_get(:@stage_order) << name
      pipeline.dag.add_node(name)
    end
  end

  describe "#initialize" do
    it "has a name and its configuration (contract 6)" do
      expect(pipeline.name).to eq(:works)
      expect(pipeline.config).to include(max_threads: 4, max_processes: 2, max_retries: 3, use_ipc: false)
    end

    it "has defaults (contract 6)" do
      expect(described_class.new(:plain).config).to include(max_threads: 5, max_processes: 2, max_retries: 3)
    end

    it "has no stages, hooks and statistics (contract 6)" do
      expect(pipeline.stages).to eq({})
      expect(pipeline.stage_order).to eq([])
      expect(pipeline.hooks.values).to all(eq([]))
      expect(pipeline.stats).to be_nil
    end
  end

  describe "#add_stage" do
    it "makes the right kinds (contract 6)" do
      %i[stage producer processor consumer].each { |type| pipeline.add_stage(type, type) { |item| item } }
      pipeline.add_stage(:accumulator, :accumulator)
      expect(pipeline.stages.values.map(&:class)).to eq(([Minigun::AtomicStage] * 4) + [Minigun::AccumulatorStage])
    end

    it "knows no other kinds (contract 6)" do
      expect { pipeline.add_stage(:conveyor, :x) { 1 } }.to raise_error(Minigun::Error, /Unknown stage type/)
    end

    it "keeps the order, and adds nodes (contract 6)" do
      producer(:a)
      consumer(:b)
      expect(pipeline.stage_order).to eq(%i[a b])
      expect(pipeline.dag.nodes).to eq(%i[a b])
    end

    it "adds the edges of to (contract 6)" do
      producer(:a, to: %i[b c])
      expect(targets(:a)).to eq(%i[b c])
    end

    it "adds the edges of from (contract 6)" do
      consumer(:b, from: %i[a x])
      expect(pipeline.dag.upstream(:b)).to eq(%i[a x])
    end

    it "takes routes and hooks out of the options (contract 6)" do
      producer(:a, to: :b, before: -> {}, colour: :red)
      expect(pipeline.stages[:a].options).to eq(colour: :red)
    end

    it "replaces a stage of the same name (contract 3.7)" do
      processor(:a)
      block = proc { |item| item }
      pipeline.add_stage(:consumer, :a, &block)
      expect(pipeline.stages[:a].block).to be(block)
      expect(pipeline.stages.size).to eq(1)
    end
  end

  describe "hooks" do
    it "keeps blocks (contract 6, 15)" do
      block = proc {}
      pipeline.add_hook(:before_run, &block)
      expect(pipeline.hooks[:before_run]).to eq([block])
    end

    it "runs those of a stage, several of each (contract 6)" do
      2.times { |n| pipeline.add_stage_hook(:before, :sink) { seen << n } }
      pipeline.add_stage_hook(:after, :sink) { seen << :after }
      producer(:source)
      consumer(:sink)
      pipeline.run(context)
      expect(context.seen).to eq([0, 1, :source, :after])
    end
  end

  describe "queues" do
    it "gives back the input queue (contract 6)" do
      queue = Queue.new
      pipeline.input_queue = queue
      expect(pipeline.input_queue).to be(queue)
      expect(pipeline.input_queues).to eq([queue])
    end

    it "gives back the output queues (contract 6)" do
      queue = Queue.new
      pipeline.add_output_queue(:next, queue)
      expect(pipeline.output_queues).to eq(next: queue)
    end

    it "connects the input with the first stage that produces nothing (contract 9)" do
      pipeline.input_queue = Queue.new
      processor(:a)
      consumer(:b)
      route
      expect(targets(:_input)).to eq([:a])
    end
  end

  describe "#find_all_producers" do
    def producers = pipeline.send(:find_all_producers)

    it "finds stages that produce (contract 6, 15)" do
      producer(:a)
      processor(:b)
      producer(:c)
      expect(producers).to eq([pipeline.stages[:a], pipeline.stages[:c]])
    end

    it "finds none (contract 6)" do
      consumer(:b)
      expect(producers).to eq([])
    end

    it "finds pipelines with nothing upstream (contract 6)" do
      stage = inner(:source) { add_stage(:producer, :p) { emit(1) } }
      consumer(:b)
      pipeline.dag.add_edge(:source, :b)
      expect(producers).to eq([stage])
    end

    it "finds no pipeline that is fed (contract 6)" do
      producer(:a)
      inner(:work) { add_stage(:processor, :p) { |item| emit(item) } }
      pipeline.dag.add_edge(:a, :work)
      expect(producers.map(&:name)).to eq([:a])
    end
  end

  describe "#build_dag_routing!" do
    it "makes a chain (contract 9)" do
      producer(:a)
      processor(:b)
      processor(:c)
      consumer(:d)
      route
      expect(%i[a b c d].map { |name| targets(name) }).to eq([[:b], [:c], [:d], []])
    end

    it "leaves a given route alone (contract 9)" do
      producer(:a, to: :c)
      processor(:b)
      consumer(:c)
      route
      expect(targets(:a)).to eq([:c])
      expect(targets(:b)).to eq([:c])
    end

    it "feeds the next stage from all producers in a row (contract 9)" do
      producer(:a)
      producer(:b)
      consumer(:c)
      route
      expect([targets(:a), targets(:b)]).to eq([[:c], [:c]])
    end

    it "lets a route from a producer be its only one (contract 9)" do
      producer(:a)
      processor(:b)
      consumer(:c, from: :a)
      route
      expect(targets(:a)).to eq([:c])
    end

    it "gives a last producer no target (contract 9)" do
      consumer(:a)
      producer(:b)
      expect { route }.not_to raise_error
      expect(targets(:b)).to eq([])
    end

    it "finds producers before gaps, whatever the order (contract 9)" do
      producer(:a)
      processor(:b)
      producer(:c)
      consumer(:d)
      route
      expect(targets(:a)).to eq([:b])
      expect(targets(:c)).to eq([:d])
      expect(targets(:b)).not_to include(:c)
    end

    it "names a missing stage (contract 9)" do
      producer(:a, to: :nowhere)
      expect { route }.to raise_error(Minigun::Error, /nowhere/)
    end

    it "can be done again (contract 6)" do
      producer(:a)
      consumer(:b)
      2.times { route }
      expect(targets(:a)).to eq([:b])
    end

    it "sees a stage that was put in front by hand (contract 6, 15)" do
      processor(:work)
      consumer(:sink)
      pipeline.stages[:source] = Minigun::AtomicStage.new(name: :source, block: proc { emit(1) })
      pipeline.instance_variable_get(:@stage_order).unshift(:source)
      pipeline.dag.add_node(:source)
      route
      expect(targets(:source)).to eq([:work])
    end

    it "follows an order that was replaced by hand (contract 6, 15)" do
      consumer(:sink)
      processor(:work)
      producer(:source)
      pipeline.instance_variable_set(:@stage_order, %i[source work sink])
      route
      expect(%i[source work sink].map { |name| targets(name) }).to eq([[:work], [:sink], []])
    end
  end

  describe "#run" do
    it "runs and returns what was produced (contract 6)" do
      pipeline.add_stage(:producer, :source) { 4.times { |n| emit(n) } }
      processor(:work)
      consumer(:sink)
      expect(pipeline.run(context)).to eq(4)
      expect(context.seen).to contain_exactly(0, 1, 2, 3)
    end

    it "runs hooks first and last (contract 10.1)" do
      pipeline.add_hook(:before_run) { seen << :first }
      pipeline.add_hook(:after_run) { seen << :last }
      producer(:source)
      consumer(:sink)
      pipeline.run(context)
      expect(context.seen).to eq(%i[first source last])
    end

    it "has statistics afterwards (contract 12)" do
      producer(:source)
      consumer(:sink)
      pipeline.run(context)
      expect(pipeline.stats).to be_a(Minigun::AggregatedStats)
      expect(pipeline.stats.stage_stats.keys).to contain_exactly(:source, :sink)
    end

    it "runs again (contract 6)" do
      pipeline.add_stage(:producer, :source) { 3.times { |n| emit(n) } }
      pipeline.add_stage(:accumulator, :pairs, max_size: 2)
      consumer(:sink)
      2.times { pipeline.run(context) }
      expect(context.seen).to contain_exactly([0, 1], [2], [0, 1], [2])
    end

    it "drains an input queue to output queues (contract 6)" do
      queues = Array.new(2) { Queue.new }
      pipeline.input_queue = queues[0]
      pipeline.add_output_queue(:next, queues[1])
      pipeline.add_stage(:processor, :double) { |n| emit(n * 2) }
      [1, 2, :END_OF_QUEUE].each { |item| queues[0] << item }
      pipeline.run(context)
      expect(Array.new(queues[1].size) { queues[1].pop }).to eq([2, 4, :END_OF_QUEUE])
    end
  end

  describe "#dup" do
    it "has stages, hooks and edges of its own (contract 6)" do
      producer(:a)
      consumer(:b)
      copy = pipeline.dup
      copy.add_stage(:consumer, :c, from: :a) { |item| item }
      copy.add_hook(:before_run) { nil }
      expect(copy.stages[:a]).to be(pipeline.stages[:a])
      expect([pipeline.stage_order, pipeline.dag.nodes]).to eq([%i[a b], %i[a b]])
      expect([pipeline.hooks[:before_run].size, copy.hooks[:before_run].size]).to eq([0, 1])
      expect([pipeline.dag.downstream(:a), copy.dag.downstream(:a)]).to eq([[], [:c]])
    end
  end

  describe "pipelines wired in by hand" do
    it "produces (contract 6, 10.6)" do
      inner(:source) do
        add_stage(:producer, :numbers) { 3.times { |n| emit(n) } }
        add_stage(:consumer, :forward) { |n| emit(n) }
      end
      consumer(:sink)
      pipeline.dag.add_edge(:source, :sink)
      expect(pipeline.run(context)).to eq(3)
      expect(context.seen).to contain_exactly(0, 1, 2)
    end

    it "processes (contract 6, 10.6)" do
      pipeline.add_stage(:producer, :numbers) { 3.times { |n| emit(n) } }
      inner(:work) do
        add_stage(:processor, :add) { |n| emit(n + 1) }
        add_stage(:processor, :scale) { |n| emit(n * 10) }
      end
      consumer(:sink)
      pipeline.dag.add_edge(:numbers, :work)
      pipeline.dag.add_edge(:work, :sink)
      pipeline.run(context)
      expect(context.seen).to contain_exactly(10, 20, 30)
    end

    it "consumes (contract 6, 10.6)" do
      pipeline.add_stage(:producer, :numbers) { 3.times { |n| emit(n) } }
      inner(:work) { add_stage(:consumer, :keep) { |n| seen << n } }
      pipeline.dag.add_edge(:numbers, :work)
      pipeline.run(context)
      expect(context.seen).to contain_exactly(0, 1, 2)
    end
  end
end
