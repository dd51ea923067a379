# frozen_string_literal: true

RSpec.describe Minigun::Native::Relay do
  let(:node) { instance_double(Minigun::Flow::Node, width: 2, singles?: true, direct?: false) }
  let(:inbox) { Minigun::Native::Inbox.new(256) }
  let(:in_flight) { Minigun::Native::InFlight.new(Thread::Queue.new) }
  let(:tally) { Minigun::Native::Tally.new(nil, 0) }
  let!(:relay) { described_class.new(node, inbox, in_flight, tally) }

  # A child that answers each item with an emission and its outcome, and is told of the records that do
  # not come from it.
  def serve(channel, seconds: 0.00001)
    channel.spawn do |child|
      while (record = child.read)
        child.start_item(record[1])
        child.write(Minigun::Native::Relay::EMIT, 0, record[2])
        child.write(Minigun::Native::Relay::DONE, record[1], seconds)
        child.finish_item(record[1], true)
      end
      child.finish
    end
  end

  def fill(items)
    in_flight.raise_by(items.size + 1)
    items.each { |item| inbox.put(item) }
  end

  describe "#window" do
    it "is 1 as long as nothing is known" do
      expect(relay.window).to eq(1)
    end

    it "is as many items as take a millisecond, 512 at most" do
      sizes = [0.0, 0.00002, 0.0001, 0.0006, 3.0].map do |seconds|
        described_class.new(node, inbox, in_flight, tally).took(seconds).window
      end
      expect(sizes).to eq([512, 50, 10, 1, 1])
    end

    it "closes at once and opens little by little" do
      relay.took(0.00002).took(1.0)
      expect(relay.window).to eq(1)
      30.times { relay.took(0.00002) }
      expect(relay.window).to eq(1)
      40.times { relay.took(0.00002) }
      expect(relay.window).to be > 40
    end
  end

  describe "#run" do
    let!(:channel) { Minigun::Native::Child.new(inbox: 1 << 20) }

    after { channel.close }

    it "gets every item worked on, counts it and gives back its unit" do
      fill([*0...100])
      relay.meet(serve(channel))
      emitted = []
      while inbox.size.positive? || relay.busy?
        relay.await
        expect(relay.run { |_kind, _number, object| emitted << object }).to be(true)
      end

      expect(emitted).to eq([*0...100])
      expect([tally.consumed, tally.processed, in_flight.count]).to eq([100, 100, 1])
    end

    it "takes no more than its share of what waits" do
      fill([*0...9])
      relay.meet(serve(channel))
      relay.await
      taken = []
      relay.run { taken << inbox.size }

      # One at a time as long as nothing is known; then half of what waits.
      expect(taken.first(2)).to eq([8, 4])
    end

    it "says that the child is gone, and keeps what it was not told the outcome of" do
      fill([:first])
      relay.await
      relay.meet(channel.spawn { |child| child.start_item(child.read[1]) && exit!(1) })

      expect(relay.run { raise "no record" }).to be(false)
      expect([relay.oldest, relay.sent, relay.number, tally.processed, in_flight.count]).to eq([:first, 1, 1, 0, 2])
      expect { relay.drop }.to change { [relay.busy?, in_flight.count] }.to([false, 1])
    end

    it "sends again to the next child what the last one did not get to know" do
      fill([:first])
      relay.await
      relay.meet(channel.spawn { exit!(1) })
      relay.run { raise "no record" }
      channel.join
      relay.meet(serve(channel))
      got = []

      expect(relay.run { |_kind, _number, object| got << object }).to be(true)
      expect([got, tally.processed]).to eq([[:first], 1])
    end

    it "raises what an item cannot be sent for, and goes on with those before it when it holds" do
      relay.took(0.00001)
      fill([1, 2, -> {}, 4, 5, 6])
      relay.meet(serve(channel))
      relay.took(0.00001)
      relay.await

      expect { relay.run { nil } }.to raise_error(Minigun::SerializationError)
      expect(relay).to be_encoding
      expect(relay.hold.run { nil }).to be(true)
      expect([relay.oldest, relay.sent, tally.processed]).to match([an_instance_of(Proc), 0, 2])
    end

    it "does not believe an outcome that is not due" do
      fill([:first])
      relay.await
      relay.meet(channel.spawn { |child| child.write(described_class::DONE, 2, 0.1) && child.finish })

      expect { relay.run { nil } }.to raise_error(Minigun::RingCorrupted, /outcome of item 2/)
    end

    it "needs a child" do
      expect { relay.run { nil } }.to raise_error(Minigun::Error, "the relay has no child")
    end
  end

  describe "#await" do
    it "is false when the inbox is closed and empty" do
      inbox.close
      expect(relay.await).to be(false)
    end

    it "takes nothing from an inbox that is discarded" do
      fill([1, 2])
      inbox.discard
      inbox.close
      expect([relay.await, tally.consumed, in_flight.count]).to eq([false, 0, 1])
    end
  end
end
