# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::PipelineStage do
  subject(:stage) { described_class.new(name: :outer) }

  let(:context) { Object.new.tap { |object| object.instance_variable_set(:@seen, []) } }
  let(:pipeline) { Minigun::Pipeline.new(:inner) }

  def seen
    context.instance_variable_get(:@seen)
  end

  def push(*items)
    items.map { |item| stage.execute_with_emit(context, item) }
  end

  it "is a composite without a pipeline at first (contract 7.4)" do
    expect([stage.pipeline, stage.composite?, stage.producer?]).to eq([nil, true, false])
    expect(stage.to_h).to eq(name: :outer, options: {})
  end

  it "queues stages until there is a pipeline, then hands them over (contracts 7.4 and 15)" do
    stage.add_stage(:processor, :a, tag: 1) { |x| emit(x) }
    expect(stage.instance_variable_get(:@stages_to_add).size).to eq(1)
    stage.pipeline = pipeline
    expect(pipeline.stages.keys).to eq([:a])
    stage.add_stage(:consumer, :b) { |x| x }
    expect(pipeline.stages.keys).to eq(%i[a b])
  end

  it "lets an item through when it has no pipeline (contract 7.4)" do
    expect(push(1)).to eq([[1]])
  end

  context "with a pipeline" do
    before { stage.pipeline = pipeline }

    it "pushes an item through the stages in definition order (contract 7.4)" do
      pipeline.add_stage(:processor, :double) { |x| emit(x * 2) }
      pipeline.add_stage(:processor, :inc) { |x| emit(x + 1) }
      expect(push(1, 5)).to eq([[3], [11]])
    end

    it "passes all emissions on (contract 7.4)" do
      pipeline.add_stage(:processor, :twice) { |x| 2.times { emit(x) } }
      pipeline.add_stage(:processor, :inc) { |x| emit(x + 1) }
      expect(push(1)).to eq([[2, 2]])
    end

    it "stops when nothing is left (contract 7.4)" do
      pipeline.add_stage(:processor, :filter) { |x| emit(x) if x.even? }
      pipeline.add_stage(:consumer, :last) { |x| @seen << x }
      push(1, 2)
      expect(seen).to eq([2])
    end

    it "answers nothing for a last stage that does not emit, though it ran (contract 7.4)" do
      pipeline.add_stage(:consumer, :last) { |x| @seen << x }
      expect(push(1)).to eq([[]])
      expect(seen).to eq([1])
    end

    it "skips producers and pipelines inside (contract 7.4)" do
      pipeline.add_stage(:producer, :gen) { @seen << :gen }
      pipeline.stages[:deep] = described_class.new(name: :deep)
      pipeline.add_stage(:processor, :inc) { |x| emit(x + 1) }
      expect(push(1)).to eq([[2]])
      expect(seen).to be_empty
    end

    it "buffers in accumulators across calls (contract 7.4)" do
      pipeline.add_stage(:accumulator, :pairs, max_size: 2)
      pipeline.add_stage(:processor, :sum) { |pair| emit(pair.sum) }
      expect(push(1, 2, 3, 4)).to eq([[], [3], [], [7]])
    end

    it "delivers what is meant for a later stage there, and hands out the rest" do
      pipeline.add_stage(:processor, :split) do |x|
        emit_to_stage(:last, x)
        emit_to_stage(:elsewhere, x)
      end
      pipeline.add_stage(:processor, :between) { |x| @seen << x }
      pipeline.add_stage(:processor, :last) { |x| emit(x * 10) }
      expect(push(1)).to eq([[10, { item: 1, target: :elsewhere }]])
      expect(seen).to be_empty
    end

    it "answers nil to execute (contract 7.4)" do
      pipeline.add_stage(:processor, :last) { |x| @seen << x }
      expect(stage.execute(context, 1)).to be_nil
      expect(seen).to eq([1])
    end

    it "copies its pipeline with itself (quirk Q39)" do
      copy = stage.dup
      copy.add_stage(:processor, :more) { |x| x }
      expect(pipeline.stages).to be_empty
      expect(copy.pipeline.stages.keys).to eq([:more])
    end
  end
end
