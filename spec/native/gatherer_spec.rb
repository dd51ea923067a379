# frozen_string_literal: true

RSpec.describe Minigun::Native::Gatherer do
  let(:signals) { Thread::Queue.new }
  let(:in_flight) { Minigun::Native::InFlight.new(signals) }
  let(:stats) { Minigun::Stats.new(:pack) }
  let(:inbox) { Minigun::Native::Inbox.new(8) }
  let(:signal) { Object.new.freeze }
  let(:gatherer) { described_class.new(inbox, in_flight, stats.tally, signal) }

  def put(*items)
    in_flight.raise_by(items.size)
    items.each { |item| inbox.put(item) }
  end

  it "fills a batch and has the unit of its last item alone (contract 7.3)" do
    put(*0..4)
    items = [:before]
    expect([gatherer.gather(items, 4), items, gatherer.busy?, gatherer.leave]).to eq([2, [:before, 0, 1, 2], true, 2])
    expect([in_flight.count, inbox.size, stats.items_consumed, stats.tally.processed]).to eq([3, 2, 3, 0])
    expect([gatherer.drop, gatherer.drop]).to all(equal(gatherer))
    expect([in_flight.count, gatherer.busy?, gatherer.leave]).to eq([2, false, nil])
  end

  it "knows the latency of every item but the last of a batch, which is not over (contract 12)" do
    put(*1..5)
    2.times { gatherer.tap { gatherer.gather([], 2) }.drop }
    expect(stats.instance_variable_get(:@latency_samples).size).to eq(2)
    expect(stats.instance_variable_get(:@latency_samples)).to all(be_between(0, 5))
  end

  it "hands out the last item again until it is dropped" do
    put(nil, false)
    items = []
    expect(Array.new(2) { gatherer.gather(items, 1) }).to eq([nil, nil])
    expect([items, gatherer.over?]).to eq([[nil], false])
    gatherer.drop
    expect([gatherer.gather(items, 2), items]).to eq([false, [nil, false]])
  end

  it "hands out the signal at once, with its unit, and counts it nowhere" do
    put(1, signal, 2)
    items = []
    expect([gatherer.gather(items, 9), items, in_flight.count, stats.items_consumed]).to eq([signal, [1], 2, 1])
    gatherer.drop
    inbox.close
    expect([gatherer.gather(items, 9), items, in_flight.count, gatherer.over?]).to eq([nil, [1, 2], 0, true])
    expect([gatherer.gather(items, 1), signals.size]).to eq([nil, 1])
  end

  it "gives back the units of what is discarded, but not the signal's (stop!)" do
    put(1, 2, signal)
    inbox.discard
    items = []
    expect([gatherer.gather(items, 1), items, in_flight.count, stats.items_consumed]).to eq([signal, [], 1, 0])
  end

  it "knows batches that are never full" do
    put(*1..8, signal)
    items = []
    expect([gatherer.gather(items, 2**70), items]).to eq([signal, [*1..8]])
  end

  it "waits for items, and calls those that wait for room" do
    put(*1..8)
    putter = waiting { inbox.await_room }
    items = []
    taker = waiting { gatherer.gather(items, 10) }
    expect([putter.join(5), items]).to eq([putter, [*1..8]])
    put(9, 10)
    expect(taker.value).to eq(10)
  end

  it "leaves what it has gathered to the next one when it is ended while it waits (reliability P1)" do
    50.times do |round|
      items = []
      taker = waiting { described_class.new(inbox, in_flight, stats.tally, signal).gather(items, 3) }
      put(1)
      taker.kill.join
      put(2, 3)
      expect(gatherer.gather(items, 3)).to eq(3)
      gatherer.drop
      expect([items, in_flight.count, stats.items_consumed]).to eq([[1, 2, 3], 0, 3 * (round + 1)])
    end
  end

  it "is over in a process that was forked by somebody else" do
    put(1)
    gatherer
    pid = fork { exit!(gatherer.gather([], 1).nil? && gatherer.over? && inbox.size == 1) }
    expect(Process.wait2(pid).last.success?).to be(true)
    expect(gatherer.gather([], 1)).to eq(1)
  end

  it "keeps items through collections and compaction" do
    texts = Array.new(8) { |n| "text #{n}" * 10 }
    put(*texts.map(&:dup))
    items = []
    gatherer.gather(items, 8)
    GC.start
    GC.compact if GC.respond_to?(:compact)
    expect([items, gatherer.leave]).to eq([texts, texts.last])
  end

  it "refuses what is none of its parts" do
    expect { described_class.new(1, in_flight, stats.tally, signal) }.to raise_error(TypeError)
    expect { described_class.new(inbox, in_flight, nil, signal) }.to raise_error(TypeError)
    expect { gatherer.gather(1, 1) }.to raise_error(TypeError)
    expect { gatherer.dup }.to raise_error(NoMethodError)
    expect([described_class.allocate.gather([], 1), described_class.allocate.over?]).to eq([nil, true])
  end
end
