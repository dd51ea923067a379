# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::Task do
  let(:task) { described_class.new }

  before { allow(Minigun.logger).to receive(:info) }

  describe "#config" do
    it "has defaults (contract 5)" do
      expect(task.config[:max_threads]).to eq(5)
      expect(task.config[:max_processes]).to eq(2)
      expect(task.config[:max_retries]).to eq(3)
      expect(task.config[:accumulator_max_single]).to eq(2000)
      expect(task.config[:accumulator_max_all]).to eq(4000)
      expect(task.config[:accumulator_check_interval]).to eq(100)
      expect(task.config[:use_ipc]).to be false
    end
  end

  describe "#set_config" do
    it "changes a value (contract 5)" do
      task.set_config(:max_threads, 12)
      expect(task.config[:max_threads]).to eq(12)
    end

    it "changes it in the root pipeline (contract 5)" do
      task.set_config(:max_processes, 6)
      expect(task.root_pipeline.config[:max_processes]).to eq(6)
    end
  end

  describe "#root_pipeline" do
    it "is there from the beginning (contract 5)" do
      expect(task.root_pipeline).to be_a(Minigun::Pipeline)
      expect(task.root_pipeline.name).to eq(:default)
    end

    it "has no stages and no hooks (contract 5)" do
      expect(task.stages).to eq({})
      expect(task.hooks).to include(before_run: [], after_run: [], before_fork: [], after_fork: [])
    end
  end

  describe "#add_stage" do
    it "adds a producer (contract 5, 6)" do
      task.add_stage(:producer, :source) { 1 }
      expect(task.stages[:source]).to be_a(Minigun::AtomicStage)
      expect(task.stages[:source].producer?).to be true
    end

    it "adds a processor (contract 5, 6)" do
      task.add_stage(:processor, :change) { |item| item }
      expect(task.stages[:change].producer?).to be false
      expect(task.stages[:change].name).to eq(:change)
    end

    it "adds a consumer with the very block (contract 5, 15)" do
      block = proc { |item| item }
      task.add_stage(:consumer, :sink, &block)
      expect(task.stages[:sink].block).to eq(block)
    end

    it "adds an accumulator (contract 5, 6)" do
      task.add_stage(:accumulator, :gather, max_size: 9) { [] }
      expect(task.stages[:gather]).to be_a(Minigun::AccumulatorStage)
      expect(task.stages[:gather].max_size).to eq(9)
    end

    it "keeps the order (contract 5)" do
      %i[one two three].each { |name| task.add_stage(:processor, name) { |item| item } }
      expect(task.stages.keys).to eq(%i[one two three])
    end

    it "keeps unknown options (contract 4)" do
      task.add_stage(:processor, :change, colour: :red) { |item| item }
      expect(task.stages[:change].options).to include(colour: :red)
    end
  end

  describe "#add_hook" do
    %i[before_run after_run before_fork after_fork].each do |type|
      it "keeps the very block for #{type} (contract 5, 15)" do
        block = proc { type }
        task.add_hook(type, &block)
        expect(task.hooks[type]).to include(block)
        expect(task.hooks[type].first == block).to be true
      end
    end

    it "keeps several (contract 5)" do
      3.times { |n| task.add_hook(:before_run) { n } }
      expect(task.hooks[:before_run].size).to eq(3)
    end
  end

  describe "#run" do
    let(:context) { Class.new { attr_accessor :seen, :batches }.new.tap { |object| object.seen = [] } }

    it "runs on any object (contract 3.2, 5)" do
      task.add_stage(:producer, :source) { 3.times { |n| emit(n) } }
      task.add_stage(:consumer, :sink) { |n| seen << n }
      task.run(context)
      expect(context.seen).to contain_exactly(0, 1, 2)
    end

    it "returns what was produced (contract 10.9)" do
      task.add_stage(:producer, :source) { 5.times { |n| emit(n) } }
      task.add_stage(:processor, :odd) { |n| emit(n) if n.odd? }
      task.add_stage(:consumer, :sink) { |n| seen << n }
      expect(task.run(context)).to eq(5)
      expect(context.seen.size).to eq(2)
    end

    it "chains processors (contract 9)" do
      task.add_stage(:producer, :source) { 2.times { |n| emit(n + 1) } }
      task.add_stage(:processor, :add) { |n| emit(n + 10) }
      task.add_stage(:processor, :scale) { |n| emit(n * 2) }
      task.add_stage(:consumer, :sink) { |n| seen << n }
      task.run(context)
      expect(context.seen).to contain_exactly(22, 24)
    end

    it "runs hooks on the object, too (contract 3.5)" do
      task.add_hook(:before_run) { seen << :first }
      task.add_hook(:after_run) { seen << :last }
      task.add_stage(:producer, :source) { emit(:item) }
      task.add_stage(:consumer, :sink) { |item| seen << item }
      task.run(context)
      expect(context.seen).to eq(%i[first item last])
    end

    it "runs captured variables (contract 3.4)" do
      list = []
      mutex = Mutex.new
      task.add_stage(:producer, :source) { 4.times { |n| emit(n) } }
      task.add_stage(:consumer, :sink) { |n| mutex.synchronize { list << n } }
      task.run(Object.new)
      expect(list.sort).to eq([0, 1, 2, 3])
    end

    it "logs texts, one at a time (contract 14)" do
      task.add_stage(:producer, :source) { emit(1) }
      task.add_stage(:consumer, :sink) { |n| seen << n }
      task.run(context)
      expect(Minigun.logger).to have_received(:info).with(instance_of(String)).at_least(:once)
    end

    it "returns 0 without producers (contract 10.9)" do
      task.add_stage(:consumer, :sink) { |n| seen << n }
      expect(task.run(context)).to eq(0)
    end

    it "runs without the runner (contract 5)" do
      task.add_stage(:producer, :source) { emit(1) }
      task.add_stage(:consumer, :sink) { |n| seen << n }
      expect(task.perform(context)).to eq(1)
      expect(context.seen).to eq([1])
    end
  end
end
