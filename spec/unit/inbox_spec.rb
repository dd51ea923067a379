# frozen_string_literal: true

RSpec.describe Minigun::Flow::Inbox do
  subject(:inbox) { described_class.new(4) }

  let(:closed) { described_class::CLOSED }

  def drain
    items = []
    until closed.equal?(item = inbox.pop)
      items << item
    end
    items
  end

  # A thread that waits in a push.
  def blocked_push(item) = waiting { inbox.push(item) }

  it "hands items on in order, nil and false included (contract 10.2, 21.2)" do
    [1, nil, false, []].each { |item| inbox.push(item) }
    inbox.close
    expect(drain).to eq([1, nil, false, []])
    expect(inbox.pop).to equal(closed)
  end

  it "never gives the processor away in a push with room (contract 10.1)" do
    order = []
    reader = Thread.new { 3.times { order << [:popped, inbox.pop] } }
    eventually { reader.status == "sleep" }
    Thread.handle_interrupt(Object => :never) do
      3.times do |i|
        inbox.push(i)
        order << [:pushed, i]
      end
    end
    reader.join(5)
    expect(order.first(3)).to eq([[:pushed, 0], [:pushed, 1], [:pushed, 2]])
  end

  it "makes a push wait while it is full, and wakes it when half of it is free (contract 10.1)" do
    4.times { |i| inbox.push(i) }
    thread = blocked_push(4)
    inbox.pop
    expect(thread.status).to eq("sleep")
    inbox.pop
    expect(thread.join(5)).to equal(thread)
    expect(inbox.size).to eq(3)
  end

  it "takes a forced item at any time" do
    10.times { |i| inbox.push(i, force: true) }
    expect(inbox.size).to eq(10)
  end

  it "tells whether items wait that nobody comes for" do
    expect(inbox.backlog?).to be(false)
    inbox.push(1)
    expect(inbox.backlog?).to be(true)
  end

  it "ends a waiting push when it is abandoned, and drops what is inside (reliability 6)" do
    4.times { |i| inbox.push(i) }
    thread = blocked_push(4)
    expect(inbox.abandon).to eq(4)
    expect { thread.value }.to raise_error(ClosedQueueError)
    expect(drain).to eq([])
  end

  it "can be interrupted while it waits (contract 10.8)" do
    4.times { |i| inbox.push(i) }
    thread = blocked_push(4)
    thread.raise(IOError, "stop")
    expect { thread.value }.to raise_error(IOError, "stop")
    4.times { inbox.pop }
    inbox.push(9)
    inbox.close
    expect(drain).to eq([9])
  end

  it "loses nothing between many threads" do
    popped = Array.new(3) { Thread.new { drain } }
    pushers = Array.new(4) { |t| Thread.new { 500.times { |i| inbox.push([t, i]) } } }
    pushers.each { |thread| thread.join(20) }
    inbox.close
    items = popped.flat_map(&:value)
    expect(items.sort).to eq([*0..3].product([*0..499]))
  end

  describe "with room for more where items come and go quickly" do
    subject(:inbox) { described_class.new(4, 16) }

    # Pushes until there is room for so many, while somebody takes them.
    def grow_to(capacity)
      reader = Thread.new { drain }
      eventually(20, "it does not grow") do
        500.times { inbox.push(0) }
        inbox.capacity == capacity
      end
    ensure
      inbox.push(closed)
      reader.join(5)
    end

    # A push that has to wait.
    def fill
      inbox.push(0) until inbox.full?
      thread = blocked_push(0)
      inbox.size.times { inbox.pop }
      thread.join(5)
      inbox.pop
    end

    it "has twice as much when it is full again within a millisecond, but never more than that" do
      grow_to(16)
      inbox.push(0) until inbox.full?
      expect(inbox.size).to eq(16)
    end

    it "has half as much when it was not full for some time, but never less than before" do
      grow_to(16)
      sizes = Array.new(4) do
        sleep(0.005)
        fill
        inbox.capacity
      end
      expect(sizes).to eq([8, 4, 4, 4])
    end
  end
end
