# frozen_string_literal: true

RSpec.describe Minigun::Scope do
  def collector = described_class::Collector.new(:stage)

  it "is nil outside of blocks (contract 10.2)" do
    expect(described_class.current).to be_nil
  end

  it "is the innermost one, and the outer one is back afterwards" do
    outer = collector
    inner = collector
    seen = []
    outer.enter do
      inner.enter { seen << described_class.current }
      seen << described_class.current
    end
    expect(seen).to eq([inner, outer])
    expect(described_class.current).to be_nil
  end

  it "returns the block's value, and is left by exceptions and throw too" do
    expect(collector.enter { 7 }).to eq(7)
    expect { collector.enter { raise IOError } }.to raise_error(IOError)
    catch(:out) { collector.enter { throw :out } }
    expect(described_class.current).to be_nil
  end

  it "reaches threads, fibers and enumerators that the block starts (contract 20)" do
    scope = collector
    seen = scope.enter do
      [Thread.new { described_class.current }.value, Thread.new { Thread.new { described_class.current }.value }.value,
       Fiber.new { described_class.current }.resume, Enumerator.new { |y| y << described_class.current }.next]
    end
    expect(seen).to eq([scope] * 4)
  end

  it "does not reach other threads" do
    gate = Thread::Queue.new
    other = Thread.new { gate.pop && described_class.current }
    collector.enter { (gate << true) && other.join(5) }
    expect(other.value).to be_nil
  end

  it "refuses emissions after its block has returned, naming the stage (contract 20)" do
    scope = collector
    scope.enter { nil }
    expect { scope.emit(1) }.to raise_error(Minigun::Error, /stage :stage had returned/)
    expect { scope.emit_to_stage(:x, 1) }.to raise_error(Minigun::Error, /stage :stage had returned/)
  end

  it "puts the thread back into its own group" do
    group = ThreadGroup.new
    thread = Thread.new do
      group.add(Thread.current)
      collector.enter { nil }
      Thread.current.group
    end
    expect(thread.value).to equal(group)
  end

  describe ".collect (contract 7.2)" do
    let(:emitter) { Object.new.extend(Minigun::Emission) }

    it "gives what was emitted in order; targeted items equal plain Hashes" do
      items = described_class.collect do
        emitter.emit(1)
        emitter.emit_to_stage(:other, 2)
        emitter.emit(nil)
      end
      expect(items).to eq([1, { item: 2, target: :other }, nil])
      expect(items[1]).to be_a(Minigun::TargetedItem)
    end

    it "never takes a user's Hash for a targeted item (contract 16, Q23)" do
      items = described_class.collect { emitter.emit({ item: 1, target: :x }) }
      expect(items.first).not_to be_a(Minigun::TargetedItem)
    end
  end

  describe Minigun::Emission do
    it "raises outside of blocks (contract 10.2)" do
      object = Object.new.extend(described_class)
      expect { object.emit(1) }.to raise_error(Minigun::Error, /outside a stage block/)
      expect { object.emit_to_stage(:x, 1) }.to raise_error(Minigun::Error, /outside a stage block/)
    end

    it "is attached to any object, and leaves the object's own methods alone (contract 3.2, 21.7)" do
      plain = described_class.attach(Object.new)
      own = Class.new { def emit(item) = "own #{item}" }.new
      described_class.attach(own)
      items = Minigun::Scope.collect do
        plain.emit(1)
        own.emit_to_stage(:x, 2)
      end
      expect(items).to eq([1, { item: 2, target: :x }])
      expect(own.emit(3)).to eq("own 3")
    end

    it "leaves frozen objects alone" do
      expect(described_class.attach(Object.new.freeze)).to be_frozen
    end
  end
end
