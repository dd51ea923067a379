# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Emission do
  def collect(&block)
    Minigun::Scope.collect(&block)
  end

  it "gives emit and emit_to_stage to a plain object (contract 3.2)" do
    object = described_class.attach(Object.new)
    items = collect do
      object.emit(1)
      object.emit_to_stage(:x, 2)
    end
    expect(items).to eq([1, { item: 2, target: :x }])
  end

  it "answers nil (quirk Q46)" do
    object = described_class.attach(Object.new)
    answers = nil
    collect { answers = [object.emit(1), object.emit_to_stage(:x, 2)] }
    expect(answers).to eq([nil, nil])
  end

  it "refuses to emit outside a stage block" do
    object = described_class.attach(Object.new)
    expect { object.emit(1) }.to raise_error(Minigun::Error, /emit called outside a stage block/)
    expect { object.emit_to_stage(:x, 1) }.to raise_error(Minigun::Error, /emit_to_stage called outside/)
  end

  it "leaves a method of the object's own alone, private or not (contract 21.7)" do
    own = Class.new do
      attr_reader :sent

      private

      def emit(item) = (@sent = item)
    end.new
    described_class.attach(own)
    items = collect do
      own.send(:emit, 1)
      own.emit_to_stage(:x, 2)
    end
    expect([own.sent, items]).to eq([1, [{ item: 2, target: :x }]])
  end

  it "works on an object that answers to everything (contract 10.2)" do
    stand_in = Class.new do
      def method_missing(*) = self
      def respond_to_missing?(*) = true
    end
    object = described_class.attach(stand_in.new)
    expect(collect { object.emit(1) }).to eq([1])
  end

  it "leaves frozen objects alone" do
    expect(described_class.attach(:frozen)).to eq(:frozen)
  end

  it "takes Hashes without braces" do
    object = described_class.attach(Object.new)
    expect(collect { object.emit(id: 1) }).to eq([{ id: 1 }])
  end

  it "brings no constants into the user's class" do
    expect(described_class.constants).to be_empty
  end
end
