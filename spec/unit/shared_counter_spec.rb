# frozen_string_literal: true

RSpec.describe Minigun::SharedCounter do
  include_context "base set"

  let!(:counter) { described_class.new(name: :sent) }

  it "counts up, down and by amounts (contract 21.1)" do
    expect(counter.increment).to eq(1)
    expect(counter.add(10)).to eq(11)
    expect(counter.increment(-1)).to eq(10)
    expect(counter.decrement(4)).to eq(6)
    expect(counter.decrement).to eq(5)
    expect([counter.value, counter.to_i, counter.to_s]).to eq([5, 5, "5"])
    counter.value = 7
    expect([counter.reset, counter.value]).to eq([7, 0])
  end

  it "begins with a value" do
    expect(described_class.new(5).value).to eq(5)
    expect(described_class.new(value: -(2**63)).value).to eq(-(2**63))
    expect { described_class.new("5") }.to raise_error(TypeError, /SharedCounter: an Integer is needed, got "5"/)
    expect { described_class.new(2**63) }.to raise_error(RangeError)
  end

  it "compares and calculates like an Integer" do
    counter.value = 3
    expect(counter == 3).to be(true)
    expect(counter > 2).to be(true)
    expect(counter == described_class.new(3)).to be(true)
    expect(1 + counter).to eq(4)
    expect([1, 2, 3, 4][counter]).to eq(4)
    expect(counter == :three).to be(false)
  end

  it "updates by a block, again when somebody was quicker" do
    seen = []
    result = counter.update do |value|
      seen << value
      counter.increment if seen.size == 1
      value + 10
    end
    expect([result, seen, counter.value]).to eq([11, [0, 1], 11])
  end

  it "names itself in errors" do
    expect { counter.increment(1.5) }.to raise_error(TypeError, /SharedCounter :sent: an Integer is needed, got 1.5/)
    expect { Marshal.dump(counter) }.to raise_error(TypeError, /SharedCounter :sent cannot be dumped/)
    expect { counter.dup }.to raise_error(TypeError, /SharedCounter :sent cannot be copied/)
    expect(counter.inspect).to eq("#<Minigun::SharedCounter :sent 0>")
  end

  it "is exact under many processes and threads" do
    pids = Array.new(4) do
      forked do
        threads = Array.new(2) do
          Thread.new { 5_000.times { |i| i.even? ? counter.increment : counter.update { |n| n + 1 } } }
        end
        threads.each(&:join)
      end
    end
    statuses = pids.map { |pid| Process.wait2(pid).last }
    expect(statuses).to all(be_success)
    expect(counter.value).to eq(40_000)
  end
end
