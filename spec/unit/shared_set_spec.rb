# frozen_string_literal: true

RSpec.describe Minigun::SharedSet do
  include_context "base set"

  let!(:set) { described_class.new(name: :seen) }

  it "says once that a value was missing (contract 21.1)" do
    expect([set.add?(1), set.add?(1), set.add?("1"), set.add?(1.0)]).to eq([true, false, true, true])
    expect([set.size, set.include?(1), set.include?(2), set.empty?]).to eq([3, true, false, false])
    expect([set.delete?(1), set.delete?(1), set.add?(1)]).to eq([true, false, true])
  end

  it "adds, merges, lists and clears" do
    expect((set << 1).add(2).merge([2, 3], 4..5).delete(4)).to be(set)
    expect(set.to_a).to contain_exactly(1, 2, 3, 5)
    expect([set.to_set, set.length, set.min]).to eq([Set[1, 2, 3, 5], 4, 1])
    expect([set.member?(3), set === 3, set.each.size]).to eq([true, true, 4]) # rubocop:disable Style/CaseEquality
    expect(set.clear.to_a).to eq([])
  end

  it "takes everything that can be sent as a value" do
    values = Runs::AWKWARD.values.uniq
    expect(values.map { |value| set.add?(value) }).to all(be(true))
    expect(values.map { |value| set.add?(value) }).to all(be(false))
    expect { set.add?(proc {}) }.to raise_error(Minigun::SerializationError)
  end

  it "takes a String of ASCII characters for the same in whatever encoding" do
    expect([set.add?("page"), set.add?("page".b), set.add?("page".encode("EUC-JP"))]).to eq([true, false, false])
  end

  it "names itself in errors" do
    expect { Marshal.dump(set) }.to raise_error(TypeError, /SharedSet :seen cannot be dumped/)
    expect { set.dup }.to raise_error(TypeError, /SharedSet :seen cannot be copied: use to_a/)
    expect { described_class.new(capacity: 1) }.to raise_error(ArgumentError, /SharedSet: the capacity must be/)
    expect(set.inspect).to eq("#<Minigun::SharedSet :seen size=0>")
  end

  it "says when it is full, and knows what it has" do
    small = described_class.new(capacity: 16_384)
    count = (0..).find { |i| !(small.add?(i) rescue false) } # rubocop:disable Style/RescueModifier
    expect(count).to be > 50
    expect { small.add?(count) }
      .to raise_error(Minigun::SharedMemoryFull, /SharedSet is full: give it a capacity of more than 16384/)
    expect([small.add?(0), small.size]).to eq([false, count])
  end

  it "takes less than 100 bytes for a small id" do
    # In a process of its own: here the garbage collector may give back the memory of other specs meanwhile.
    result = run_script(<<~'RUBY', deadline: 60)
      require "minigun"
      memory = -> { File.read("/proc/self/smaps_rollup")[/^Pss_Shmem:\s+(\d+)/, 1].to_i * 1024 }
      size = ENV["LONG"] ? 1_000_000 : 20_000
      set = Minigun::SharedSet.new
      before = memory.call
      set.merge(1..size)
      puts (memory.call - before) / size
    RUBY
    expect(Integer(result.stdout)).to be_between(1, 100), result.stderr
  end

  it "tells each value to one of many processes and threads" do
    told = Minigun::SharedCounter.new
    pids = Array.new(4) do
      forked do
        Array.new(2) { Thread.new { 2_000.times { |i| told.increment if set.add?(i) } } }.each(&:join)
      end
    end
    expect(pids.map { |pid| Process.wait2(pid).last }).to all(be_success)
    expect([told.value, set.size]).to eq([2_000, 2_000])
  end

  it "tells nothing twice when processes are killed" do
    told = Minigun::SharedHash.new
    (ENV["LONG"] ? 100 : 10).times do |round|
      values = ((round * 1_000)...((round + 1) * 1_000)).to_a
      pids = Array.new(3) { forked { values.each { |i| told.add(i) if set.add?(i) } } }
      eventually { set.size > (round * 1_000) + 100 }
      Process.kill(:KILL, pids.first)
      statuses = pids.map { |pid| Process.wait2(pid).last }
      expect(statuses.drop(1)).to all(be_success)
      expect(set.size).to eq((round + 1) * 1_000)
    end
    expect(told.values.uniq).to eq([1])
    expect(set.size - told.size).to be <= (ENV["LONG"] ? 100 : 10)
  end
end
