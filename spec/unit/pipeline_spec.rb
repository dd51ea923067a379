# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Pipeline do
  subject(:pipeline) { described_class.new(:job) }

  def edges
    pipeline.send(:build_dag_routing!)
    pipeline.dag.edges.reject { |_node, targets| targets.empty? }
  end

  it "keeps the configuration it is given, with defaults for the rest (contract 6)" do
    expect(pipeline.config).to eq(max_threads: 5, max_processes: 2, max_retries: 3, use_ipc: false)
    expect(described_class.new(:job, max_threads: 9).config).to include(max_threads: 9, max_processes: 2)
  end

  it "starts empty (contract 6)" do
    expect([pipeline.name, pipeline.stages, pipeline.stage_order, pipeline.stats]).to eq([:job, {}, [], nil])
    expect(pipeline.hooks).to eq(before_run: [], after_run: [], before_fork: [], after_fork: [])
  end

  describe "#add_stage (contract 6)" do
    %i[stage producer processor consumer].each do |type|
      it "makes an atomic stage of a #{type}" do
        pipeline.add_stage(type, :s) { |x| x }
        expect(pipeline.stages[:s]).to be_an_instance_of(Minigun::AtomicStage)
      end
    end

    it "makes an accumulator" do
      pipeline.add_stage(:accumulator, :s, max_size: 7)
      expect(pipeline.stages[:s]).to be_an_instance_of(Minigun::AccumulatorStage)
      expect(pipeline.stages[:s].max_size).to eq(7)
    end

    it "refuses an unknown type by name" do
      expect { pipeline.add_stage(:procesor, :s) }
        .to raise_error(Minigun::Error, /Unknown stage type: :procesor.*:s.*Did you mean :processor\?/)
    end

    it "turns to and from into edges at once, one or many" do
      pipeline.add_stage(:processor, :mid, to: %i[a b], from: :gen) { |x| emit(x) }
      pipeline.add_stage(:consumer, :c, from: %i[gen mid]) { |x| x }
      expect(pipeline.dag.edges).to eq(mid: %i[a b c], a: [], b: [], gen: %i[mid c], c: [])
    end

    it "keeps the other options, of which it has an own copy (quirk Q37)" do
      options = { to: :x, before: -> {}, after_fork: -> {}, tag: 1, max_wait: 2 }
      given = options.dup
      pipeline.add_stage(:processor, :s, options) { |x| x }
      expect(pipeline.stages[:s].options).to eq(tag: 1, max_wait: 2)
      expect(options).to eq(given)
    end

    it "appends to the order and to the graph" do
      %i[a b].each { |name| pipeline.add_stage(:processor, name) { |x| x } }
      expect([pipeline.stage_order, pipeline.dag.nodes, pipeline.stages.keys]).to all(eq(%i[a b]))
    end

    it "replaces a stage of the same name, which keeps its place and its edges (contract 3.7)" do
      pipeline.add_stage(:processor, :a, to: :z) { |x| x }
      pipeline.add_stage(:processor, :b) { |x| x }
      second = pipeline.add_stage(:processor, :a) { |x| x }
      expect(pipeline.stages[:a]).to equal(second)
      expect([pipeline.stage_order, pipeline.stages.keys]).to all(eq(%i[a b]))
      expect(pipeline.dag.downstream(:a)).to eq([:z])
    end

    it "warns when a stage takes the place of a whole pipeline (contract 3.3)" do
      pipeline.add_pipeline(:taken)
      pipeline.add_stage(:consumer, :taken) { |x| x }
      expect(pipeline.stages[:taken]).to be_a(Minigun::AtomicStage)
      expect(log_output).to include("stage :taken", "replaces the pipeline of that name")
    end

    it "takes any name that is a Symbol (contract 4)" do
      names = %i[loop proc process log load stage accumulator pipeline_a A_handler send class] << :"with space"
      names.each { |name| pipeline.add_stage(:processor, name) { |x| emit(x) } }
      expect(pipeline.stages.keys).to eq(names)
    end
  end

  describe "hooks (contracts 6 and 10.5)" do
    it "keeps the very blocks, in order" do
      blocks = Array.new(2) { proc {} }
      blocks.each { |block| pipeline.add_hook(:after_run, &block) }
      expect(pipeline.hooks[:after_run]).to eq(blocks)
      expect(pipeline.hooks_for(:after_run)).to eq(blocks)
    end

    it "shows just the four documented kinds in hooks" do
      pipeline.add_hook(:after_producer) { 1 }
      pipeline.add_hook(:before_exit) { 1 }
      expect(pipeline.hooks.keys).to eq(%i[before_run after_run before_fork after_fork])
      expect([pipeline.hooks_for(:after_producer).size, pipeline.hooks_for(:before_exit).size]).to eq([1, 1])
    end

    it "takes a hook that is put into the Hash" do
      pipeline.hooks[:before_run] << (block = proc {})
      expect(pipeline.hooks_for(:before_run)).to eq([block])
    end

    it "keeps inline and named hooks of a stage in the order of their definition" do
      named = proc { :named }
      inline = -> { :inline }
      pipeline.add_stage_hook(:before, :s, &named)
      pipeline.add_stage(:processor, :s, before: inline, after: [inline, inline]) { |x| x }
      pipeline.add_stage_hook(:before, :s, &named)
      expect(pipeline.stage_hooks(:before, :s)).to eq([named, inline, named])
      expect(pipeline.stage_hooks(:after, :s)).to eq([inline, inline])
      expect(pipeline.stage_hooks(:before_fork, :s)).to eq([])
    end

    it "drops the inline hooks of a stage that is defined again, and keeps the named ones" do
      named = proc { :named }
      inline = -> { :inline }
      3.times { pipeline.add_stage(:processor, :s, before: inline) { |x| x } }
      pipeline.add_stage_hook(:before, :s, &named)
      expect(pipeline.stage_hooks(:before, :s)).to eq([inline, named])
      pipeline.add_stage(:processor, :s) { |x| x }
      expect(pipeline.stage_hooks(:before, :s)).to eq([named])
    end

    it "runs the hooks of a stage without arguments (quirk Q42)" do
      context = Object.new
      pipeline.add_stage_hook(:after, :s, &-> { @ran = true })
      pipeline.execute_stage_hooks(:after, :s, context)
      expect(context.instance_variable_get(:@ran)).to be(true)
    end

    it "refuses kinds it does not know and hooks without a block" do
      expect { pipeline.add_hook(:before_runn) { 1 } }.to raise_error(ArgumentError, /:before_runn.*:before_run\?/)
      expect { pipeline.add_stage_hook(:befor, :s) { 1 } }.to raise_error(ArgumentError, /:befor\..*:before\?/)
      expect { pipeline.add_hook(:before_run) }.to raise_error(ArgumentError, /before_run/)
      expect { pipeline.add_stage(:stage, :s, before: :name) { 1 } }.to raise_error(ArgumentError, /before.*:s/)
    end
  end

  describe "#reroute_stage (contract 4)" do
    before do
      pipeline.add_stage(:processor, :a, to: %i[b c]) { |x| emit(x) }
      %i[b c d].each { |name| pipeline.add_stage(:processor, name) { |x| emit(x) } }
    end

    it "puts new edges in the place of the old ones" do
      pipeline.reroute_stage(:a, to: %i[c d])
      expect(pipeline.dag.downstream(:a)).to eq(%i[c d])
      expect(pipeline.dag.upstream(:b)).to eq([])
    end

    it "may be done twice (contract 3.7)" do
      2.times { pipeline.reroute_stage(:a, to: :d) }
      expect(pipeline.dag.downstream(:a)).to eq([:d])
    end

    it "refuses a cycle" do
      expect { pipeline.reroute_stage(:b, to: :a) }.to raise_error(Minigun::Error, /Circular dependency/)
    end
  end

  describe "#add_pipeline" do
    it "makes a pipeline stage and opens it again by its name (contract 3.3)" do
      first = pipeline.add_pipeline(:inner, to: :a)
      expect(pipeline.add_pipeline(:inner, from: :b)).to equal(first)
      expect(pipeline.stages[:inner].pipeline).to equal(first)
      expect([first.name, first.config]).to eq([:inner, pipeline.config])
      expect(pipeline.dag.edges).to eq(inner: [:a], a: [], b: [:inner])
    end

    it "refuses the name of an ordinary stage (contract 3.3)" do
      pipeline.add_stage(:processor, :a) { |x| x }
      expect { pipeline.add_pipeline(:a) }.to raise_error(Minigun::Error, /:a already exists as a non-pipeline stage/)
    end

    it "finds the pipelines of all depths" do
      deep = pipeline.add_pipeline(:inner).add_pipeline(:deep)
      expect(pipeline.each_inner.to_a).to eq([pipeline.stages[:inner].pipeline, deep])
    end
  end

  describe "queues (contract 6)" do
    it "gives the input queue back, and appends others once" do
      queues = [Queue.new, Queue.new]
      2.times { queues.each { |queue| pipeline.input_queue = queue } }
      expect(pipeline.input_queue).to equal(queues[0])
      expect(pipeline.input_queues).to eq(queues)
    end

    it "keeps output queues by name" do
      pipeline.add_output_queue(:x, queue = Queue.new)
      expect(pipeline.output_queues).to eq(x: queue)
    end
  end

  describe "questions (contract 6)" do
    before do
      pipeline.add_stage(:consumer, :c) { |x| x }
      pipeline.add_stage(:producer, :p, to: :c) { emit(1) }
      pipeline.add_stage(:producer, :q) { emit(1) }
      pipeline.add_pipeline(:free)
      pipeline.add_pipeline(:fed, from: :q)
    end

    it "finds producers and pipelines that nothing feeds, in order" do
      expect(pipeline.send(:find_all_producers)).to eq(%i[p q free].map { |name| pipeline.stages[name] })
      expect(pipeline.find_producer).to equal(pipeline.stages[:p])
    end

    it "finds stages, targets and ends" do
      expect(pipeline.find_stage(:c)).to equal(pipeline.stages[:c])
      expect(pipeline.find_stage(:x)).to be_nil
      expect(pipeline.get_targets(:p)).to eq([:c])
      expect([pipeline.is_terminal_stage?(:c), pipeline.is_terminal_stage?(:p)]).to eq([true, false])
    end

    it "knows where items from outside enter" do
      expect(pipeline.entry_stage).to eq(:c)
      expect(described_class.new(:empty).entry_stage).to be_nil
    end
  end

  describe "wiring by hand (contracts 6 and 15)" do
    let(:stage) { Minigun::PipelineStage.new(name: :n).tap { |made| made.pipeline = described_class.new(:n) } }

    it "sees a stage that was put into stages, @stage_order and dag" do
      pipeline.add_stage(:producer, :p) { emit(1) }
      pipeline.stages[:n] = stage
      pipeline.instance_variable_get(:@stage_order) << :n
      pipeline.dag.add_node(:n)
      expect(edges).to eq(p: [:n])
    end

    it "sees a stage that was put in front" do
      pipeline.add_stage(:consumer, :c) { |x| x }
      pipeline.stages[:n] = stage
      pipeline.instance_variable_get(:@stage_order).unshift(:n)
      expect(edges).to eq(n: [:c])
    end

    it "sees an order that was replaced" do
      pipeline.add_stage(:consumer, :c) { |x| x }
      pipeline.add_stage(:producer, :p) { emit(1) }
      pipeline.instance_variable_set(:@stage_order, %i[p c])
      expect(edges).to eq(p: [:c])
    end

    it "keeps an edge that was added" do
      pipeline.add_stage(:producer, :p) { emit(1) }
      pipeline.add_stage(:consumer, :c) { |x| x }
      pipeline.stages[:n] = stage
      pipeline.instance_variable_get(:@stage_order) << :n
      pipeline.dag.add_edge(:p, :n)
      expect(edges).to eq(p: [:n], c: [:n])
    end
  end

  it "runs again, after an error too, with new statistics and the same edges (contract 6)" do
    context = Object.new
    pipeline.add_stage(:producer, :p) { 3.times { |n| emit(n) } }
    pipeline.add_stage(:accumulator, :a, max_size: 2)
    pipeline.add_stage(:consumer, :c) { |batch| batch.size == 1 && @broken ? raise(NotImplementedError) : batch }
    runs = [nil, true, nil].map do |broken|
      context.instance_variable_set(:@broken, broken)
      answer = begin
        pipeline.run(context)
      rescue NotImplementedError => e
        e.class
      end
      [answer, pipeline.stats.stage_stats[:c].items_consumed, pipeline.dag.edges]
    end
    edges = { p: [:a], a: [:c], c: [] }
    expect(runs).to eq([[3, 2, edges], [NotImplementedError, 2, edges], [3, 2, edges]])
  end

  it "runs a stage of a class of the user's own by its execute (contracts 6 and 15)" do
    doubling = Class.new(Minigun::AtomicStage) { def execute(context, item = nil) = super(context, item * 2) }
    pipeline.add_stage(:producer, :p, to: :own) { emit(1) }
    pipeline.stages[:own] = doubling.new(name: :own, block: proc { |x| emit(x) })
    pipeline.stage_order << :own
    pipeline.add_stage(:consumer, :c) { |x| (@seen ||= []) << x }
    pipeline.run(context = Object.new)
    expect(context.instance_variable_get(:@seen)).to eq([2])
  end

  describe "#dup (contract 6)" do
    it "shares stages and nothing else" do
      pipeline.add_stage(:producer, :p) { emit(1) }
      inner = pipeline.add_pipeline(:inner)
      pipeline.add_output_queue(:x, Queue.new)
      copy = pipeline.dup
      copy.add_stage(:consumer, :c, before: -> {}) { |x| x }
      copy.add_hook(:before_run) { 1 }
      copy.config[:max_threads] = 99
      copy.stages[:inner].pipeline.add_stage(:consumer, :deep) { |x| x }
      expect(copy.stages[:p]).to equal(pipeline.stages[:p])
      expect([pipeline.stages.keys, pipeline.stage_order, pipeline.dag.nodes]).to all(eq(%i[p inner]))
      expect([pipeline.hooks[:before_run], inner.stages, pipeline.config[:max_threads]]).to eq([[], {}, 5])
      expect([copy.output_queues, copy.stats]).to eq([{}, nil])
    end
  end

  it "logs one line of text for its routing, with its name (contracts 6 and 14)" do
    pipeline.add_stage(:producer, :p) { emit(1) }
    allow(Minigun.logger).to receive(:info)
    pipeline.send(:build_dag_routing!)
    expect(Minigun.logger).to have_received(:info).with(/\[Pipeline:job\]/).once
  end
end
