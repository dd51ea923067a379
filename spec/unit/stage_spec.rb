# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Stage do
  let(:context) { Object.new }

  def atomic(**options, &block)
    Minigun::AtomicStage.new(name: :s, block: block, **options)
  end

  describe "the base class (contract 7.1)" do
    subject(:stage) { described_class.new(name: :s, options: { a: 1 }) }

    it "is a name and options" do
      expect([stage.name, stage.options]).to eq([:s, { a: 1 }])
      expect(described_class.new(name: :s).options).to eq({})
    end

    it "runs nothing" do
      expect { stage.execute(context) }.to raise_error(NotImplementedError)
    end

    it "is neither producer nor composite" do
      expect([stage.producer?, stage.composite?]).to eq([false, false])
    end

    it "shows itself as data" do
      expect(stage.to_h).to eq(name: :s, options: { a: 1 })
      expect([stage[:name], stage[:options], stage[:other]]).to eq([:s, { a: 1 }, nil])
    end

    it "reads its execution context from the options" do
      hash = { type: :threads, pool_size: 2, mode: :pool }
      expect(described_class.new(name: :s, options: { _execution_context: hash }).execution_context).to eq(hash)
      expect(stage.execution_context).to be_nil
    end
  end

  describe Minigun::AtomicStage do
    it "keeps the very block (contract 7.2)" do
      block = proc { |x| x }
      stage = described_class.new(name: :s, block: block)
      expect(stage.block).to equal(block)
      expect(stage.to_h).to eq(name: :s, options: {}, block: block)
      expect(stage[:block]).to equal(block)
    end

    {
      "no parameter" => [proc { 1 }, true],
      "a splat" => [proc { |*all| all }, true],
      "one parameter" => [proc { |x| x }, false],
      "two parameters" => [proc { |x, y| [x, y] }, false],
      "one parameter and a splat" => [proc { |x, *rest| [x, rest] }, false],
      "a lambda without a parameter" => [-> { 1 }, true]
    }.each do |label, (block, answer)|
      it "is #{answer ? "a" : "no"} producer with #{label} (contract 7.2)" do
        expect(described_class.new(name: :s, block: block).producer?).to be(answer)
      end
    end

    it "is a producer neither way without a block (contract 7.2)" do
      expect(described_class.new(name: :s, block: nil).producer?).to be_nil
    end

    it "runs the block on the context and answers its value (contract 7.2)" do
      context.instance_variable_set(:@factor, 3)
      expect(atomic { |x| x * @factor }.execute(context, 2)).to eq(6)
      expect(atomic { @factor }.execute(context)).to eq(3)
      expect(atomic.execute(context, 2)).to be_nil
    end

    it "spreads an Array item over several parameters (contract 7.2)" do
      expect(atomic { |a, b| [b, a] }.execute(context, [1, 2])).to eq([2, 1])
      expect(described_class.new(name: :s, block: ->(a, b) { [b, a] }).execute(context, [1, 2])).to eq([2, 1])
      expect(atomic { |a| a }.execute(context, [1, 2])).to eq([1, 2])
      with_default = described_class.new(name: :s, block: ->(a, b, c = 3) { [c, b, a] })
      expect(with_default.execute(context, [1, 2])).to eq([3, 2, 1])
    end

    it "lets a block end itself with next (contract 10.2)" do
      expect(atomic { |x| next :early if x == 1 }.execute(context, 1)).to eq(:early)
    end

    it "ends a producer's block with nothing given" do
      expect(atomic { |*all| all }.execute(context)).to eq([])
    end

    it "survives emit in a direct execute, on any object (contract 10.2)" do
      expect(atomic { |x| emit(x) || :value }.execute(context, 1)).to eq(:value)
    end

    describe "#execute_with_emit (contract 7.2)" do
      it "answers what was emitted, in order, and not the block's value" do
        expect(atomic { |x| [emit(x), emit(x + 1), :value].last }.execute_with_emit(context, 1)).to eq([1, 2])
      end

      it "answers an empty Array for a block that emits nothing, and for no block" do
        expect(atomic { |x| x }.execute_with_emit(context, 1)).to eq([])
        expect(atomic.execute_with_emit(context, 1)).to eq([])
      end

      it "marks what is for one stage" do
        stage = atomic do |x|
          emit(x)
          emit_to_stage(:there, x)
        end
        expect(stage.execute_with_emit(context, 1)).to eq([1, { item: 1, target: :there }])
      end

      it "emits the object itself, nil and false included" do
        item = +"same"
        result = atomic { |x| [x, nil, false].each { |each| emit(each) } }.execute_with_emit(context, item)
        expect(result[0]).to equal(item)
        expect(result[1..]).to eq([nil, false])
      end

      it "does not take a Hash with item and target for more than it is (quirk Q23)" do
        hash = { item: 1, target: :there }
        result = atomic { |x| emit(x) }.execute_with_emit(context, hash)
        expect(result.first).to equal(hash)
        expect(result.first).not_to be_a(Minigun::TargetedItem)
      end

      it "works from a helper method of the context" do
        def context.helper(item) = emit(item * 10)
        expect(atomic { |x| helper(x) }.execute_with_emit(context, 4)).to eq([40])
      end

      it "keeps the emissions of nested calls apart" do
        inner = atomic { |x| emit(x * 2) }
        outer = described_class.new(name: :o, block: proc { |x| emit(inner.execute_with_emit(self, x)) })
        expect(outer.execute_with_emit(context, 1)).to eq([[2]])
      end

      it "lets the block's error out" do
        expect { atomic { |_| raise IOError, "gone" }.execute_with_emit(context, 1) }.to raise_error(IOError, "gone")
      end
    end
  end
end
