# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::Execution::ContextPool do
  let(:pool) { described_class.new(type: :thread, max_size: 3) }

  after { pool.terminate_all }

  it "has a type and a size (contract 11)" do
    expect([pool.type, pool.max_size]).to eq([:thread, 3])
  end

  it "is empty at first (contract 11)" do
    expect(pool.active_count).to eq(0)
    expect(pool.at_capacity?).to be false
  end

  describe "#acquire" do
    it "gives contexts of its type (contract 11)" do
      expect(pool.acquire("one")).to be_a(Minigun::Execution::ThreadContext)
    end

    it "gives the name (contract 11)" do
      expect(pool.acquire("one").name).to eq("one")
    end

    it "needs no name (contract 11)" do
      expect(pool.acquire).to be_a(Minigun::Execution::ThreadContext)
    end

    it "gives a different one each time (contract 11)" do
      expect(Array.new(3) { pool.acquire }.uniq(&:object_id).size).to eq(3)
    end

    it "counts what is active (contract 11)" do
      2.times { pool.acquire }
      expect(pool.active_count).to eq(2)
    end

    it "never blocks, however many (contract 11, 19.3)" do
      contexts = Array.new(10) { |n| pool.acquire.execute { n } }
      expect(pool.active_count).to eq(10)
      expect(contexts.map(&:join)).to eq((0..9).to_a)
    end
  end

  describe "#release" do
    it "counts what is active (contract 11)" do
      context = pool.acquire
      pool.release(context)
      expect(pool.active_count).to eq(0)
    end

    it "gives a new thread context after it (contract 11)" do
      context = pool.acquire
      pool.release(context)
      expect(pool.acquire).not_to be(context)
    end

    it "gives the same inline context after it (contract 11)" do
      inline = described_class.new(type: :inline, max_size: 2)
      context = inline.acquire("one")
      inline.release(context)
      expect(inline.acquire("two")).to be(context)
    end

    it "does not mind a context it does not know (contract 11)" do
      expect { pool.release(Minigun::Execution.create_context(:inline, "other")) }.not_to raise_error
      expect(pool.active_count).to eq(0)
    end
  end

  describe "#at_capacity?" do
    it "is true from its size on (contract 11)" do
      states = Array.new(4) do
        pool.acquire
        pool.at_capacity?
      end
      expect(states).to eq([false, false, true, true])
    end
  end

  describe "#join_all" do
    it "waits for all (contract 11)" do
      done = Queue.new
      3.times { |n| pool.acquire.execute { done << n } }
      pool.join_all
      expect(done.size).to eq(3)
      expect(pool.active_count).to eq(0)
    end

    it "does nothing in an empty pool (contract 11)" do
      expect { pool.join_all }.not_to raise_error
    end
  end

  describe "#terminate_all" do
    it "ends all (contract 11)" do
      contexts = Array.new(3) { pool.acquire.execute { sleep 100 } }
      pool.terminate_all
      expect(contexts.map(&:alive?)).to eq([false] * 3)
      expect(pool.active_count).to eq(0)
    end

    it "does not mind contexts that never ran (contract 11)" do
      2.times { pool.acquire }
      expect { pool.terminate_all }.not_to raise_error
    end
  end

  it "is safe in many threads (contract 11)" do
    threads = Array.new(8) { Thread.new { 25.times { pool.release(pool.acquire) } } }
    threads.each(&:join)
    expect(pool.active_count).to eq(0)
  end

  it "holds processes (contract 11)" do
    forks = described_class.new(type: :fork, max_size: 2)
    contexts = Array.new(2) { |n| forks.acquire("child #{n}").execute { [n, Process.pid] } }
    values = contexts.map(&:join)
    contexts.each { |context| forks.release(context) }
    expect(values.map(&:first)).to eq([0, 1])
    expect(values.map(&:last)).not_to include(Process.pid)
    expect(forks.active_count).to eq(0)
  end

  it "ends processes (contract 11)" do
    forks = described_class.new(type: :fork, max_size: 2)
    contexts = Array.new(2) { forks.acquire.execute { sleep 100 } }
    forks.terminate_all
    expect(contexts.map(&:alive?)).to eq([false, false])
  end

  it "holds Ractors (contract 11, 21.6)" do
    ractors = described_class.new(type: :ractor, max_size: 2)
    context = ractors.acquire("alone")
    context.execute { 21 * 2 }
    expect(context.join).to eq(42)
    ractors.release(context)
    expect(ractors.active_count).to eq(0)
  end
end
