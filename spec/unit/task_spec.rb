# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Task do
  subject(:task) { described_class.new }

  it "has the documented configuration (contract 5)" do
    expect(task.config).to eq(
      max_threads: 5, max_processes: 2, max_retries: 3, accumulator_max_single: 2000,
      accumulator_max_all: 4000, accumulator_check_interval: 100, use_ipc: false
    )
  end

  it "starts with an empty root pipeline named :default (contract 5)" do
    expect(task.root_pipeline).to be_a(Minigun::Pipeline)
    expect(task.root_pipeline.name).to eq(:default)
    expect([task.stages, task.pipelines]).to eq([{}, {}])
    expect(task.hooks).to eq(before_run: [], after_run: [], before_fork: [], after_fork: [])
    expect([task.dag, task.pipeline_dag]).to all(equal(task.root_pipeline.dag))
  end

  it "sets a value everywhere (contract 5)" do
    inner = task.define_pipeline(:inner)
    deep = inner.add_pipeline(:deep)
    task.set_config(:max_threads, 9)
    expect([task, task.root_pipeline, inner, deep].map { |part| part.config[:max_threads] }).to all(eq(9))
  end

  it "keeps a value it does not know" do
    task.set_config(:color, "red")
    expect(task.config[:color]).to eq("red")
  end

  it "adds stages and hooks to the root (contract 5)" do
    block = proc { |x| x }
    hook = proc {}
    task.add_stage(:processor, :work, { tag: 1 }, &block)
    task.add_hook(:before_run, &hook)
    expect(task.stages[:work].block).to equal(block)
    expect(task.stages[:work].options).to eq(tag: 1)
    expect(task.hooks[:before_run]).to eq([hook])
  end

  it "defines a pipeline by code (contract 5)" do
    given = nil
    inner = task.define_pipeline(:inner, to: :sink) { |pipeline| given = pipeline }
    expect(given).to equal(inner)
    expect(task.pipelines).to eq(inner: inner)
    expect(task.stages[:inner]).to be_a(Minigun::PipelineStage)
    expect(task.dag.downstream(:inner)).to eq([:sink])
  end

  it "defines a pipeline in the words of the DSL (contract 5)" do
    inner = task.add_nested_pipeline(:inner) do
      threads(2) { processor(:work) { |x| emit(x) } }
    end
    expect(inner.stages[:work].execution_context).to eq(type: :threads, pool_size: 2, mode: :pool)
  end

  it "builds roots that have what was added by hand and share nothing" do
    task.add_stage(:producer, :gen) { emit(1) }
    task.define_pipeline(:inner)
    first = task.new_root
    second = task.new_root
    first.add_stage(:consumer, :c) { |x| x }
    first.stages[:inner].pipeline.add_stage(:consumer, :d) { |x| x }
    expect(second.stages.keys).to eq(%i[gen inner])
    expect(second.stages[:inner].pipeline.stages).to be_empty
  end

  it "is inherited as an independent copy (contract 3.6)" do
    task.set_config(:max_threads, 8)
    child = task.inherit
    child.set_config(:max_threads, 2)
    child.add_stage(:producer, :gen) { emit(1) }
    expect([task.config[:max_threads], child.config[:max_threads]]).to eq([8, 2])
    expect(task.stages).to be_empty
    expect(child.root_pipeline).not_to equal(task.root_pipeline)
  end

  %i[max_threads max_processes].each do |key|
    [0, -1, 1.5, "2", nil].each do |value|
      it "refuses #{value.inspect} as #{key}" do
        expect { task.set_config(key, value) }.to raise_error(ArgumentError, /#{key}.*#{Regexp.escape(value.inspect)}/)
      end
    end
  end

  it "takes 0 as max_retries and nothing below" do
    task.set_config(:max_retries, 0)
    expect { task.set_config(:max_retries, -1) }.to raise_error(ArgumentError, /max_retries.*-1/)
  end

  it "runs on any object and answers the produced count (contracts 5 and 10.9)" do
    context = Class.new { attr_accessor :results }.new
    context.results = []
    task.add_stage(:producer, :gen) { 3.times { |n| emit(n) } }
    task.add_stage(:consumer, :keep) { |n| results << n }
    expect(task.run(context)).to eq(3)
    expect(task.perform(context)).to eq(3)
    expect(context.results).to eq([0, 1, 2, 0, 1, 2])
  end
end
