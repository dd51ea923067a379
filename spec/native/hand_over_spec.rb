# frozen_string_literal: true

# What hands items from thread to thread.
RSpec.describe Minigun::Native do
  describe Minigun::Native::Inbox do
    subject(:inbox) { described_class.new(4) }

    it "leaves no thread asleep when it is closed, whenever Ruby changes threads (reliability P1)", timeout: 300 do
      rounds, seed = ENV["LONG"] ? [50_000, rand(1_000_000)] : [1500, 1]
      result = run_script("spec/scripts/inbox_rounds.rb", rounds.to_s, seed.to_s, deadline: 250)
      expect(JSON.parse(result.stdout)).to eq("rounds" => rounds, "wrong" => nil), "seed #{seed}: #{result.stderr}"
    end

    it "wakes another when the one that was woken is ended before it comes (reliability P1)" do
      50.times do
        first = waiting { inbox.pop }
        second = waiting { inbox.pop }
        inbox.put(1)
        first.kill
        inbox.put(2) if first.value
        expect(second.join(5)).to equal(second)
      end
    end

    it "keeps what is inside through compaction and growth" do
      texts = Array.new(100) { |n| "text #{n}" * 10 }
      texts.each { |text| inbox.put(text.dup) }
      10.times { inbox.put(inbox.pop) }
      GC.start
      GC.compact if GC.respond_to?(:compact)
      expect(Array.new(100) { inbox.pop }).to eq(texts.rotate(10))
    end

    it "refuses what is no capacity, and a second life" do
      expect { described_class.new(0) }.to raise_error(ArgumentError, /at least one item, got 0/)
      expect { described_class.new(4, 3) }
        .to raise_error(ArgumentError, "an inbox of 4 items cannot have room for 3 at most")
      expect { described_class.allocate.size }.to raise_error(ArgumentError, /not initialised/)
      expect { inbox.dup }.to raise_error(NoMethodError)
      expect { inbox.send(:initialize, 4) }.to raise_error(ArgumentError, /initialised already/)
      inbox.close
      expect { inbox.put(1) }.to raise_error(ClosedQueueError)
    end
  end

  describe Minigun::Native::InFlight do
    it "says each time that nothing is under way" do
      signals = Thread::Queue.new
      in_flight = described_class.new(signals)
      in_flight.raise_by(3)
      [1, 2].each { |count| in_flight.lower_by(count) }
      in_flight.raise_by(1)
      in_flight.lower_by(1)
      expect([in_flight.count, in_flight.zero?, signals.size, signals.pop]).to eq([0, true, 2, :quiet])
    end
  end

  describe Minigun::Native::Outlet do
    let(:in_flight) { Minigun::Native::InFlight.new(Thread::Queue.new) }
    let(:tallies) { Array.new(4) { Minigun::Native::Tally.new(nil, 0) } }
    let(:inboxes) { Array.new(2) { Minigun::Native::Inbox.new(2) } }

    def outlet(forced: false)
      described_class.new(in_flight, tallies[0], [tallies[1]],
                          [[inboxes[0], tallies[2], [], forced], [inboxes[1], tallies[3], [tallies[1]], forced]])
    end

    it "hands one object to all and counts what is in" do
      item = Object.new
      outlet.emit(item)
      expect(inboxes.map(&:pop)).to all(equal(item))
      expect([in_flight.count, tallies[0].produced, tallies[1].produced, tallies[1].consumed]).to eq([2, 1, 1, 1])
      expect(tallies.last(2).map(&:accepted)).to eq([1, 1])
    end

    it "does not wait for room against the direction" do
      3.times { |n| outlet(forced: true).emit(n) }
      expect(inboxes.map(&:size)).to eq([3, 3])
    end

    it "takes back the unit of what was not delivered when it is interrupted, or too late (design 4)" do
      2.times { |n| inboxes[1].put(n) }
      late = waiting { outlet.emit(:item) }
      expect(in_flight.count).to eq(2)
      late.raise(IOError, "stop")
      expect { late.value }.to raise_error(IOError)
      expect([in_flight.count, inboxes.map(&:size), tallies.last(2).map(&:accepted)]).to eq([1, [1, 2], [1, 0]])

      blocked = waiting { outlet.emit(:item) }
      inboxes[1].close
      expect { blocked.value }.to raise_error(ClosedQueueError)
      expect([in_flight.count, tallies.last(2).map(&:accepted)]).to eq([2, [2, 0]])
    end

    it "refuses what is none of its parts" do
      expect { described_class.new(1, tallies[0], [], []) }.to raise_error(TypeError)
      expect { described_class.new(in_flight, tallies[0], [1], []) }.to raise_error(TypeError)
      expect { described_class.new(in_flight, tallies[0], [], [[1, tallies[0], [], true]]) }.to raise_error(TypeError)
      expect { described_class.allocate.emit(1) }.to raise_error(ArgumentError, /not initialised/)
    end
  end

  # An interrupt is let in at the end of any method that is called: here of the one that wakes who waits
  # for room.
  it "lose no item that has left the inbox to an interrupt (reliability P1)" do
    result = run_script(<<~RUBY)
      require "minigun"
      require "json"
      module Interrupted
        def push(*)
          super
          raise IOError if Thread.current[:interrupted]
        end
      end
      Thread::Queue.prepend(Interrupted)
      Node = Struct.new(:width, :singles?, :direct?)

      def busy_after(taker, step)
        inbox = Minigun::Native::Inbox.new(2)
        2.times { |n| inbox.put(n) }
        putter = Thread.new { inbox.await_room }
        Thread.pass until putter.stop?
        Thread.new do
          in_flight = Minigun::Native::InFlight.new(Thread::Queue.new)
          taker = taker.new(Node.new(1, true, true), inbox, in_flight, Minigun::Stats.new(:work).tally)
          Thread.current[:interrupted] = true
          begin
            taker.public_send(step)
          rescue IOError
            Thread.current[:interrupted] = false
          end
          [Thread.current[:interrupted], taker.busy?, taker.leave]
        end.value
      end

      puts [busy_after(Minigun::Native::Stream, :next), busy_after(Minigun::Native::Relay, :await)].to_json
    RUBY
    expect(JSON.parse(result.stdout)).to eq([[false, true, 0], [false, true, 0]]), result.stderr
  end

  describe Minigun::Native::Stream do
    it "hands out nothing of an inbox that discards, and gives back the units (stop!)" do
      in_flight = Minigun::Native::InFlight.new(Thread::Queue.new)
      tally = Minigun::Stats.new(:work).tally
      inbox = Minigun::Native::Inbox.new(4)
      in_flight.raise_by(4)
      4.times { |n| inbox.put(n) }
      seen = Thread.new do
        stream = described_class.new(Object.new, inbox, in_flight, tally)
        first = stream.next
        inbox.discard
        inbox.close
        [first, stream.next, stream.over?]
      end.value
      expect(seen).to eq([0, nil, true])
      expect([in_flight.count, tally.consumed, tally.processed]).to eq([0, 1, 1])
    end

    it "knows nothing of what it has given away (contract 20)" do
      inbox = Minigun::Native::Inbox.new(4)
      2.times { |n| inbox.put(n) }
      stream = described_class.new(Object.new, inbox, Minigun::Native::InFlight.new(Thread::Queue.new),
                                   Minigun::Stats.new(:work).tally)
      own = Thread.current.group
      expect(stream.next).to eq(0)
      group = Thread.current.group
      stay = Thread::Queue.new
      thread = Thread.new { stay.pop }
      expect([stream.leave, group.emitter.open?]).to eq([0, false])
      stream.drop
      GC.start
      expect([stream.emitted, stream.leave, stream.busy?, stream.next]).to eq([0, nil, false, 1])
      expect(Thread.current.group).not_to equal(group)
    ensure
      own.add(Thread.current)
      Minigun::Native.forget_emitter
      stay << true
      thread.join
    end
  end

  describe Minigun::Native::Tally do
    let(:stats) { Minigun::Stats.new(:work) }

    it "keeps a uniform sample and the true number (contract 12)" do
      20_000.times { |n| stats.record_latency(n) }
      samples = stats.instance_variable_get(:@latency_samples)
      expect([samples.size, stats.instance_variable_get(:@latency_count)]).to eq([1000, 20_000])
      expect(Array.new(10) { |n| samples.count { |value| value / 2000 == n } }).to all(be_between(50, 160))
    end

    it "goes on from a number that was set from outside (contract 15)" do
      stats.instance_variable_set(:@latency_samples, Array.new(1000, 0))
      stats.instance_variable_set(:@latency_count, 1_000_000_000)
      1000.times { stats.record_latency(1) }
      expect(stats.instance_variable_get(:@latency_count)).to eq(1_000_001_000)
      expect(stats.instance_variable_get(:@latency_samples).sum).to be < 10
    end

    it "does not heed a number that is none" do
      [nil, "many", 2**70].each do |nonsense|
        stats.instance_variable_set(:@latency_count, nonsense)
        stats.record_latency(1)
      end
      expect(stats.instance_variable_get(:@latency_count)).to eq(3)
    end

    it "does not touch the sequence of Kernel#rand" do
      srand(5)
      expected = Array.new(3) { rand(1000) }
      srand(5)
      3000.times { |n| stats.record_latency(n) }
      expect(Array.new(3) { rand(1000) }).to eq(expected)
    end
  end
end
