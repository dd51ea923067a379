# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Native::Counters do
  include_context "base set"

  it "starts at zero and counts" do
    counters = described_class.new(3)
    expect(counters.to_a).to eq([0, 0, 0])
    expect(counters.add(1, 5)).to eq(5)
    expect(counters.add(1, -7)).to eq(-2)
    expect(counters.set(2, 2**62)).to eq(2**62)
    expect([counters.get(0), counters.get(1), counters.get(2), counters.size]).to eq([0, -2, 2**62, 3])
  end

  it "wraps at 64 bits" do
    counters = described_class.new(1)
    counters.set(0, (2**63) - 1)
    expect(counters.add(0, 1)).to eq(-2**63)
    expect { counters.set(0, 2**63) }.to raise_error(RangeError)
  end

  it "raises IndexError outside of it" do
    counters = described_class.new(2)
    [-1, 2, 2**40].each do |index|
      expect { counters.add(index, 1) }.to raise_error(IndexError)
      expect { counters.get(index) }.to raise_error(IndexError)
      expect { counters.set(index, 1) }.to raise_error(IndexError)
    end
    expect { counters.get("0") }.to raise_error(TypeError)
  end

  it "wants at least one, and not more than there is memory" do
    [0, -1].each { |size| expect { described_class.new(size) }.to raise_error(ArgumentError) }
    expect { described_class.new(2**40) }.to raise_error(Minigun::RingAllocError)
    expect { described_class.new(2**62) }.to raise_error(ArgumentError)
  end

  it "is shared by threads and forked processes, and loses nothing" do
    counters = described_class.new(2)
    pids = Array.new(4) do
      fork do
        threads = Array.new(2) { Thread.new { 5_000.times { counters.add(0, 1) } } }
        threads.each(&:join)
        counters.add(1, Process.pid)
      ensure
        exit!(0)
      end
    end
    pids.each { |pid| Process.wait(pid) }
    expect(counters.to_a).to eq([40_000, pids.sum])
  end

  it "cannot be copied, nor used before it was made" do
    expect { described_class.new(1).dup }.to raise_error(NoMethodError)
    expect { described_class.allocate.get(0) }.to raise_error(Minigun::Error, /not initialised/)
    expect { described_class.new(1).send(:initialize, 2) }.to raise_error(Minigun::Error, /already/)
  end

  it "gives its memory back" do
    mappings = -> { File.foreach("/proc/self/maps").count { |line| line.include?("rw-s") } }
    before = mappings.call
    500.times { described_class.new(1) }
    returned = eventually do
      GC.start
      mappings.call <= before + 20
    end
    expect(returned).to be(true)
  end
end
