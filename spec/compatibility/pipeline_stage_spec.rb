# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::PipelineStage do
  let(:stage) { described_class.new(name: :inner) }
  let(:pipeline) { Minigun::Pipeline.new(:inner) }
  let(:context) { Class.new { attr_accessor :seen }.new.tap { |object| object.seen = [] } }

  def push(item)
    stage.execute_with_emit(context, item)
  end

  describe "as a stage" do
    it "has a name and options (contract 7.4)" do
      stage = described_class.new(name: :inner, options: { note: 1 })
      expect([stage.name, stage.options]).to eq([:inner, { note: 1 }])
    end

    it "has no pipeline at first (contract 7.4)" do
      expect(stage.pipeline).to be_nil
    end

    it "is composite, and no producer (contract 7.4)" do
      expect(stage.composite?).to be true
      expect(stage.producer?).to be false
    end

    it "is a stage, but not an atomic one (contract 7.4)" do
      expect(stage).to be_a(Minigun::Stage)
      expect(stage).not_to be_a(Minigun::AtomicStage)
    end
  end

  describe "#pipeline=" do
    it "attaches (contract 7.4)" do
      stage.pipeline = pipeline
      expect(stage.pipeline).to be(pipeline)
    end

    it "adds the stages that wait (contract 7.4)" do
      stage.add_stage(:processor, :double) { |n| emit(n * 2) }
      stage.pipeline = pipeline
      expect(pipeline.stages).to have_key(:double)
    end
  end

  describe "#add_stage" do
    it "goes to the pipeline (contract 7.4)" do
      stage.pipeline = pipeline
      stage.add_stage(:processor, :double) { |n| emit(n * 2) }
      expect(pipeline.stages[:double]).to be_a(Minigun::AtomicStage)
    end

    it "waits for the pipeline (contract 7.4, 15)" do
      stage.add_stage(:processor, :double) { |n| emit(n * 2) }
      expect(stage.instance_variable_get(:@stages_to_add).size).to eq(1)
    end
  end

  describe "#execute_with_emit" do
    it "returns the item without a pipeline (contract 7.4)" do
      expect(push(5)).to eq([5])
    end

    context "with a pipeline" do
      before { stage.pipeline = pipeline }

      it "returns what its stage emits (contract 7.4)" do
        pipeline.add_stage(:processor, :double) { |n| emit(n * 2) }
        expect(push(5)).to eq([10])
      end

      it "goes through the stages in order (contract 7.4)" do
        pipeline.add_stage(:processor, :add) { |n| emit(n + 1) }
        pipeline.add_stage(:processor, :scale) { |n| emit(n * 10) }
        pipeline.add_stage(:processor, :name) { |n| emit("no. #{n}") }
        expect(push(5)).to eq(["no. 60"])
      end

      it "hands on each of several emissions (contract 7.4)" do
        pipeline.add_stage(:processor, :triple) { |n| 3.times { |i| emit(n + i) } }
        pipeline.add_stage(:processor, :scale) { |n| emit(n * 10) }
        expect(push(1)).to eq([10, 20, 30])
      end

      it "stops when nothing is left (contract 7.4)" do
        pipeline.add_stage(:processor, :filter) { |n| emit(n) if n > 10 }
        pipeline.add_stage(:processor, :note) { |n| (seen << n) && emit(n) }
        expect(push(5)).to eq([])
        expect(context.seen).to eq([])
        expect(push(15)).to eq([15])
      end

      it "has run a last stage that does not emit (contract 7.4)" do
        pipeline.add_stage(:processor, :double) { |n| emit(n * 2) }
        pipeline.add_stage(:consumer, :keep) { |n| seen << n }
        expect(push(4)).to eq([])
        expect(context.seen).to eq([8])
      end

      it "leaves producers out (contract 7.4)" do
        pipeline.add_stage(:producer, :source) { emit(99) }
        pipeline.add_stage(:processor, :double) { |n| emit(n * 2) }
        expect(push(2)).to eq([4])
      end

      it "leaves inner pipelines out (contract 7.4, 15)" do
        pipeline.add_stage(:processor, :double) { |n| emit(n * 2) }
        pipeline.stages[:deeper] = described_class.new(name: :deeper)
        expect(push(2)).to eq([4])
      end

      it "gathers across calls (contract 7.4)" do
        pipeline.add_stage(:accumulator, :pairs, max_size: 2)
        pipeline.add_stage(:processor, :sum) { |pair| emit(pair.sum) }
        expect([1, 2, 3, 4].map { |n| push(n) }).to eq([[], [3], [], [7]])
      end

      it "shares the variables of the context among its stages (contract 7.4)" do
        pipeline.add_stage(:processor, :remember) { |n| (@memory = n) && emit(n) }
        pipeline.add_stage(:processor, :recall) { |n| emit([@memory, n]) }
        expect(push(:word)).to eq([%i[word word]])
      end
    end
  end

  describe "#execute" do
    it "does the same and returns nil (contract 7.4)" do
      stage.pipeline = pipeline
      pipeline.add_stage(:consumer, :keep) { |n| seen << n }
      expect(stage.execute(context, 3)).to be_nil
      expect(context.seen).to eq([3])
    end

    it "returns nil without a pipeline (contract 7.4)" do
      expect(stage.execute(context, 3)).to be_nil
    end
  end
end
