# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::AccumulatorStage do
  let(:context) { Object.new }

  def accumulator(max_size = 3, &block)
    described_class.new(name: :a, block: block, options: { max_size: max_size })
  end

  def feed(stage, items)
    items.map { |item| stage.execute_with_emit(context, item) }
  end

  it "takes 100 items when it is not told otherwise (contract 7.3)" do
    expect(described_class.new(name: :a).max_size).to eq(100)
    expect(described_class.new(name: :a, options: { max_size: nil }).max_size).to eq(100)
  end

  it "reads its options (contract 7.3)" do
    stage = described_class.new(name: :a, options: { max_size: 7, max_wait: 0.5 })
    expect([stage.max_size, stage.max_wait]).to eq([7, 0.5])
    expect(accumulator.max_wait).to be_nil
  end

  it "answers nothing until the batch is full, then the batch, then starts over (contract 7.3)" do
    expect(feed(accumulator, 1..7)).to eq([[], [], [[1, 2, 3]], [], [], [[4, 5, 6]], []])
  end

  it "flushes the rest, once (contract 7.3)" do
    stage = accumulator
    feed(stage, 1..4)
    expect(stage.flush(context)).to eq([[4]])
    expect(stage.flush(context)).to eq([])
  end

  it "never is a producer, whatever its block (contract 7.3)" do
    expect(accumulator { 1 }.producer?).to be(false)
    expect(accumulator.producer?).to be(false)
  end

  describe "with a block (contracts 7.3 and 20)" do
    it "sends the block's value instead of the batch" do
      expect(feed(accumulator(2, &:sum), 1..4)).to eq([[], [3], [], [7]])
    end

    it "runs it on the context" do
      context.instance_variable_set(:@unit, "kg")
      expect(feed(accumulator(2) { |batch| "#{batch.sum} #{@unit}" }, 1..2)).to eq([[], ["3 kg"]])
    end

    it "sends what the block emits and ignores its value then" do
      stage = accumulator(2) do |batch|
        batch.each { |item| emit(item * 10) }
        :ignored
      end
      expect(feed(stage, 1..2)).to eq([[], [10, 20]])
    end

    it "sends a false that is emitted" do
      expect(feed(accumulator(1) { |_| emit(false) || :value }, [1])).to eq([[false]])
    end

    it "calls it with the rest too" do
      stage = accumulator(3, &:size)
      feed(stage, 1..2)
      expect(stage.flush(context)).to eq([2])
    end

    it "takes a block without parameters, lambda or not" do
      expect(feed(accumulator(1) { :done }, [1])).to eq([[:done]])
      expect(feed(accumulator(1, &-> { :done }), [1])).to eq([[:done]])
    end
  end

  it "gives every run a buffer of its own (contract 6, running it again)" do
    stage = accumulator(2)
    first = stage.new_buffer
    second = stage.new_buffer
    first.add(1)
    second.add(2)
    first.add(3)
    expect([first.take.items, first.empty?, second.size]).to eq([[1, 3], true, 1])
    second.close
    expect([second.take.items, second.take]).to eq([[2], nil])
    expect(stage.flush(context)).to eq([])
  end
end
