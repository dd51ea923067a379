# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun, "stages" do
  describe Minigun::Stage do
    let(:stage) { described_class.new(name: :plain, options: { colour: :red }) }

    it "has a name and options (contract 7.1)" do
      expect(stage.name).to eq(:plain)
      expect(stage.options).to eq(colour: :red)
    end

    it "has no options by default (contract 7.1)" do
      expect(described_class.new(name: :bare).options).to eq({})
    end

    it "leaves execute to others (contract 7.1)" do
      expect { stage.execute(Object.new) }.to raise_error(NotImplementedError)
      expect { stage.execute(Object.new, 1) }.to raise_error(NotImplementedError)
    end

    it "is neither producer nor composite (contract 7.1)" do
      expect(stage.producer?).to be false
      expect(stage.composite?).to be false
    end

    it "finds its context in its options (contract 7.1, 15)" do
      context = { type: :threads, pool_size: 3, mode: :pool }
      expect(stage.execution_context).to be_nil
      expect(described_class.new(name: :a, options: { _execution_context: context }).execution_context).to eq(context)
    end

    it "is a Hash (contract 7.1)" do
      expect(stage.to_h).to eq(name: :plain, options: { colour: :red })
    end

    it "reads like a Hash (contract 7.1)" do
      expect(stage[:name]).to eq(:plain)
      expect(stage[:options]).to eq(colour: :red)
      expect(stage[:else]).to be_nil
    end
  end

  describe Minigun::AtomicStage do
    let(:context) { Struct.new(:seen, :factor).new([], 3) }

    def stage(options = {}, &block)
      described_class.new(name: :step, block: block, options: options)
    end

    it "keeps the very block (contract 7.2)" do
      block = proc { |item| item }
      expect(described_class.new(name: :step, block: block).block).to be(block)
    end

    it "is a stage (contract 7.2)" do
      expect(stage { |item| item }).to be_a(Minigun::Stage)
    end

    it "shows its block as a Hash (contract 7.2)" do
      step = stage(speed: 1) { |item| item }
      expect(step.to_h).to eq(name: :step, options: { speed: 1 }, block: step.block)
      expect(step[:block]).to be(step.block)
      expect(step[:name]).to eq(:step)
      expect(step[:colour]).to be_nil
    end

    describe "#producer?" do
      it "is true without parameters (contract 7.2)" do
        expect(stage { :made }.producer?).to be true
      end

      it "is true with a splat (contract 7.2)" do
        expect(stage { |*rest| rest }.producer?).to be true
      end

      it "is false with one parameter (contract 7.2)" do
        expect(stage { |item| item }.producer?).to be false
      end

      it "is false with two (contract 7.2)" do
        expect(stage { |left, right| [left, right] }.producer?).to be false
      end

      it "is nil without a block (contract 7.2)" do
        expect(described_class.new(name: :step, block: nil).producer?).to be_nil
      end
    end

    describe "#execute" do
      it "runs the block with the item, on the context (contract 7.2)" do
        stage { |item| seen << (item * factor) }.execute(context, 4)
        expect(context.seen).to eq([12])
      end

      it "returns the value of the block (contract 7.2)" do
        expect(stage { |item| item + 1 }.execute(context, 4)).to eq(5)
      end

      it "runs a producer without an item (contract 7.2)" do
        expect(stage { factor * 10 }.execute(context)).to eq(30)
      end

      it "returns nil without a block (contract 7.2)" do
        expect(described_class.new(name: :step, block: nil).execute(context, 1)).to be_nil
      end

      it "sets instance variables of the context (contract 7.2)" do
        object = Object.new
        stage { |item| @last = item }.execute(object, :thing)
        expect(object.instance_variable_get(:@last)).to eq(:thing)
      end
    end

    describe "#execute_with_emit" do
      it "returns what was emitted, in order (contract 7.2)" do
        step = stage { |item| 3.times { |n| emit(item + n) } }
        expect(step.execute_with_emit(context, 10)).to eq([10, 11, 12])
      end

      it "is empty when nothing was emitted, whatever the block returns (contract 7.2)" do
        expect(stage { |item| [item] }.execute_with_emit(context, 1)).to eq([])
      end

      it "shows targets (contract 7.2)" do
        step = stage { |item| emit_to_stage(:shelf, item) }
        expect(step.execute_with_emit(context, 1)).to eq([{ item: 1, target: :shelf }])
      end

      it "mixes both in order (contract 7.2)" do
        step = stage do |item|
          emit(item)
          emit_to_stage(:shelf, item + 1)
          emit(nil)
        end
        expect(step.execute_with_emit(context, 1)).to eq([1, { item: 2, target: :shelf }, nil])
      end

      it "works on any object (contract 7.2)" do
        expect(stage { |item| emit(item) }.execute_with_emit(Object.new, :x)).to eq([:x])
      end

      it "keeps a Hash that looks like a target (contract 10.2)" do
        look_alike = { item: 1, target: :shelf }
        expect(stage { |item| emit(item) }.execute_with_emit(context, look_alike).first).to be(look_alike)
      end

      it "starts afresh each time (contract 7.2)" do
        step = stage { |item| emit(item) }
        expect([step.execute_with_emit(context, 1), step.execute_with_emit(context, 2)]).to eq([[1], [2]])
      end

      it "runs with helper methods of the context (contract 10.2)" do
        object = Class.new { def pass_on(item) = emit(item * 2) }.new
        expect(stage { |item| pass_on(item) }.execute_with_emit(object, 4)).to eq([8])
      end
    end
  end

  describe Minigun::AccumulatorStage do
    let(:context) { Object.new }

    def accumulator(options = {}, &block)
      described_class.new(name: :gather, block: block, options: options)
    end

    it "is an atomic stage (contract 7.3)" do
      expect(accumulator).to be_a(Minigun::AtomicStage)
    end

    it "holds 100 by default, for no given time (contract 7.3)" do
      expect(accumulator.max_size).to eq(100)
      expect(accumulator.max_wait).to be_nil
    end

    it "takes both from its options (contract 7.3)" do
      stage = accumulator(max_size: 7, max_wait: 2.5)
      expect([stage.max_size, stage.max_wait]).to eq([7, 2.5])
    end

    it "is no producer (contract 7.3)" do
      expect(accumulator).not_to be_producer
    end

    it "gathers to its size and starts over (contract 7.3)" do
      stage = accumulator(max_size: 3)
      results = (1..7).map { |n| stage.execute_with_emit(context, n) }
      expect(results).to eq([[], [], [[1, 2, 3]], [], [], [[4, 5, 6]], []])
      expect(stage.flush(context)).to eq([[7]])
    end

    it "has nothing to flush when it is empty (contract 7.3)" do
      expect(accumulator(max_size: 3).flush(context)).to eq([])
    end

    it "takes the value of its block for the batch (contract 7.3)" do
      stage = accumulator(max_size: 2) { |batch| batch.sum }
      stage.execute_with_emit(context, 4)
      expect(stage.execute_with_emit(context, 5)).to eq([9])
    end
  end
end
