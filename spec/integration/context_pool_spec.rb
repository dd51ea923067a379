# frozen_string_literal: true

RSpec.describe Minigun::Execution::ContextPool do
  include_context "base set"

  def pool(type, size = 2) = described_class.new(type: type, max_size: size)

  it "never waits and never refuses, however many are in use (contract 11)" do
    pool = pool(:thread, 4)
    contexts = Array.new(20) { pool.acquire }
    expect(contexts.uniq(&:object_id).size).to eq(20)
    expect([pool.active_count, pool.at_capacity?, pool.max_size, pool.type]).to eq([20, true, 4, :thread])
    contexts.each { |context| pool.release(context) }
    expect([pool.active_count, pool.at_capacity?]).to eq([0, false])
  end

  it "is at capacity from max_size on" do
    pool = pool(:inline, 2)
    states = Array.new(3) do
      pool.acquire
      pool.at_capacity?
    end
    expect(states).to eq([false, true, true])
  end

  it "uses inline contexts again, and only those" do
    { inline: true, thread: false, fork: false, ractor: false }.each do |type, again|
      pool = pool(type)
      first = pool.acquire("a")
      second = pool.acquire("b")
      expect(second).not_to equal(first)
      pool.release(first)
      expect(pool.acquire.equal?(first)).to eq(again), type.to_s
    end
  end

  it "ignores what it does not know, and a second release" do
    pool = pool(:inline)
    mine = pool.acquire
    pool.release(Minigun::Execution.create_context(:inline, "other"))
    2.times { pool.release(mine) }
    expect(pool.active_count).to eq(0)
    expect([pool.acquire, pool.acquire].uniq(&:object_id).size).to eq(2)
  end

  it "names contexts as it is told" do
    pool = pool(:thread)
    expect(pool.acquire(:loader).name).to eq(:loader)
    expect(pool.acquire.name).not_to be_nil
  end

  it "joins all: values in order, nothing active afterwards" do
    %i[inline thread fork ractor].each do |type|
      pool = pool(type)
      5.times { |i| pool.acquire.execute { i * 2 } }
      expect(pool.join_all).to eq([0, 2, 4, 6, 8])
      expect(pool.active_count).to eq(0)
    end
  end

  it "ends all, endless ones, finished ones and ones that never ran" do
    %i[thread fork ractor].each do |type|
      pool = pool(type)
      running = Array.new(3) { pool.acquire.execute { sleep } }
      done = pool.acquire.execute { 1 }
      done.join
      pool.acquire
      pool.terminate_all
      expect(pool.active_count).to eq(0)
      expect(running.map(&:alive?)).to eq([false] * 3)
    end
    expect(children_of(Process.pid)).to eq([])
  end

  it "joins all although some raise, and then raises what the first has (contract 11)" do
    %i[thread fork ractor].each do |type|
      pool = pool(type)
      contexts = [-> { 1 }, -> { raise IOError, "first" }, -> { raise KeyError, "second" }, -> { 2 }].map do |block|
        pool.acquire.execute(&block)
      end
      expect { pool.join_all }.to raise_error(IOError, "first")
      expect([pool.active_count, contexts.map(&:alive?).uniq, contexts.last.join]).to eq([0, [false], 2])
    end
  end

  it "keeps what it has not joined when it is interrupted (contract 11)" do
    %i[thread fork ractor].each do |type|
      pool = pool(type)
      pool.acquire.execute { 1 }
      2.times { pool.acquire.execute { sleep } }
      expect { Timeout.timeout(0.2) { pool.join_all } }.to raise_error(Timeout::Error)
      expect(pool.active_count).to eq(2)
      pool.terminate_all
      expect(pool.active_count).to eq(0)
    end
  end

  it "joins while other threads acquire and release (contract 11)" do
    pool = pool(:thread, 3)
    workers = Array.new(4) do
      Thread.new do
        50.times do |i|
          context = pool.acquire.execute { i }
          pool.release(context) if i.even?
          context.join
        end
      end
    end
    pool.join_all while workers.any?(&:alive?)
    workers.each(&:join)
    pool.join_all
    expect(pool.active_count).to eq(0)
  end

  it "is safe to use from many threads" do
    pool = pool(:inline, 3)
    threads = Array.new(8) do
      Thread.new do
        Array.new(200) do
          context = pool.acquire
          value = context.execute { context.object_id }.join
          pool.release(context)
          value == context.object_id
        end
      end
    end
    expect(threads.flat_map(&:value)).to all(be(true))
    expect(pool.active_count).to eq(0)
  end
end
