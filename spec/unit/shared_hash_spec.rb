# frozen_string_literal: true

RSpec.describe Minigun::SharedHash do
  include_context "base set"

  let!(:hash) { described_class.new(name: :totals, capacity: 4 << 20) }

  it "sets and reads copies (contract 21.1)" do
    value = { list: [1] }
    expect(hash[:a] = value).to be(value)
    value[:list] << 2
    hash[:a][:list] << 3
    expect(hash[:a]).to eq({ list: [1] })
    hash[:a] = nil
    hash.store("b", 2)
    expect([hash[:a], hash.key?(:a), hash["b"], hash[:b], hash.key?(:b)]).to eq([nil, true, 2, nil, false])
    expect([hash.size, hash.length, hash.count, hash.empty?]).to eq([2, 2, 2, false])
  end

  it "fetches, deletes and clears" do
    hash[1] = :one
    expect([hash.fetch(1), hash.fetch(2, :no), hash.fetch(2) { |key| key * 2 }]).to eq([:one, :no, 4])
    expect { hash.fetch(2) }.to raise_error(KeyError, /key not found: 2 \(SharedHash :totals\)/)
    expect([hash.delete(1), hash.delete(1), hash.key?(1)]).to eq([:one, nil, false])
    hash[2] = 2
    expect(hash.clear).to be(hash)
    expect([hash.size, hash.to_h]).to eq([0, {}])
  end

  it "tells keys apart as a Hash does" do
    pairs = { 1 => :integer, 1.0 => :float, "1" => :string, :"1" => :symbol, nil => :nil, [1, "a"] => :array,
              "ż" => :utf8, "ż".b => :binary, { a: 1 } => :hash, 2**70 => :big }
    pairs.each { |key, value| hash[key] = value }
    expect(hash.to_h).to eq(pairs)
    expect(hash["1".encode("US-ASCII")]).to eq(:string)
    expect(hash["1".b]).to eq(:string)
  end

  Runs::AWKWARD.each do |what, value|
    it "keeps #{what} as a value and as a key" do
      travelled = Marshal.load(Marshal.dump(value))
      hash[:value] = value
      hash[value] = 1
      hash.append(:list, value)
      expect(Marshal.dump(hash[:value])).to eq(Marshal.dump(travelled))
      expect(Marshal.dump(hash[:list])).to eq(Marshal.dump([travelled]))
      expect(hash[value]).to eq(1)
    end
  end

  it "adds numbers of every kind" do
    expect([hash.add(:n), hash.add(:n, 4), hash.increment(:n, -2)]).to eq([1, 5, 3])
    expect([hash.add(:f, 0.5), hash.add(:f, 1)]).to eq([0.5, 1.5])
    expect(hash.add(:n, 2**62)).to eq((2**62) + 3)
    expect(hash.add(:n, 2**62)).to eq((2**63) + 3)
    expect(hash.add(:n, -(2**63))).to eq(3)
    expect(hash.add(:n, 1)).to eq(4)
    hash[:text] = "t"
    expect do
      hash.add(:text)
    end.to raise_error(TypeError, /SharedHash :totals: the value of :text is no number, but a String/)
    expect { hash.add(:n, "1") }.to raise_error(TypeError, /a number is needed, got "1"/)
    expect([hash[:n], hash[:text]]).to eq([4, "t"])
  end

  it "appends to Arrays, those that were set as well" do
    hash.append(:new, 1).append(:new, [2]).append(:new, nil)
    hash[:set] = [1, [2]]
    hash.append(:set, 3).append(:set, 4)
    hash.append(:empty, :x)
    expect(hash.to_h).to eq({ new: [1, [2], nil], set: [1, [2], 3, 4], empty: [:x] })
    hash[:new] = [7]
    expect(hash.append(:new, 8)[:new]).to eq([7, 8])
    hash[:number] = 5
    hash[:text] = "5"
    expect { hash.append(:number, 1) }.to raise_error(TypeError, /the value of :number is no Array, but a Integer/)
    expect { hash.append(:text, 1) }.to raise_error(TypeError, /the value of :text is no Array, but a String/)
  end

  it "updates by a block" do
    expect(hash.update(:list, []) { |list| list + [1] }).to eq([1])
    expect(hash.update(:list, []) { |list| list + [2] }).to eq([1, 2])
    expect(hash.update(:none) { |value| value.inspect }).to eq("nil")
    expect { hash.update(:list) { raise ArgumentError, "no" } }.to raise_error(ArgumentError, "no")
    expect(hash[:list]).to eq([1, 2])
  end

  it "lets a block that updates a key read all and change that key alone" do
    others = [*0..200]
    refused = others.select do |other|
      hash.update(:key) do
        expect(hash[other]).to be_nil
        hash[:key] = 1
        hash[other] = 1
        break false
      rescue ThreadError
        2
      end
    end
    expect(refused.size).to be > 100
    expect { hash.update(:key) { hash.update(:key) { 1 } } }.to raise_error(ThreadError, /being updated/)
    expect(hash.update(:key) { 5 }).to eq(5)
  end

  it "keeps other processes from changing a key that is being updated, and from nothing else" do
    hash[:key] = 0
    ready, started = IO.pipe
    go, told = IO.pipe
    pid = forked do
      hash.update(:key) do |value|
        started.write(".")
        go.read(1)
        value + 10
      end
    end
    ready.read(1)
    adder = Thread.new { hash.add(:key, 1) }
    expect(hash[:key]).to eq(0)
    eventually { adder.stop? }
    told.write(".")
    expect([adder.value, Process.wait2(pid).last.success?, hash[:key]]).to eq([11, true, 11])
  ensure
    [ready, started, go, told].each(&:close)
  end

  it "lets a wait for a key be interrupted" do
    hash[:key] = 0
    held, holding = Thread::Queue.new, Thread::Queue.new # rubocop:disable Style/ParallelAssignment
    owner = Thread.new { hash.update(:key) { |n| (holding << true) && held.pop && (n + 1) } }
    holding.pop
    expect { Timeout.timeout(0.05) { hash.add(:key) } }.to raise_error(Timeout::Error)
    waiter = Thread.new { hash[:key] = 9 }
    eventually { waiter.stop? }
    waiter.kill.join
    held << true
    owner.join
    expect(hash.add(:key)).to eq(2)
  end

  it "is free again when a process died in a block that updates" do
    in_child { hash[:key] = 1 }
    pid = forked { hash.update(:key) { Process.kill(:KILL, Process.pid) && sleep } }
    Process.wait(pid)
    expect([hash[:key], hash.update(:key) { |value| value + 1 }]).to eq([1, 2])
  end

  it "is not held by a child that was forked in a block that updates" do
    hash.update(:key) do
      in_child { hash[:other] = 1 }
      1
    end
    expect(hash.to_h).to eq({ key: 1, other: 1 })
  end

  it "is exact under many processes" do
    pids = Array.new(4) do |child|
      forked do
        2_000.times do |i|
          hash.add(i % 7)
          hash.update("u#{i % 3}", 0) { |n| n + 1 } if i % 4 == 0
          hash.append(:log, [child, i]) if i % 10 == 0
        end
      end
    end
    expect(pids.map { |pid| Process.wait2(pid).last.success? }).to all(be(true))
    expect((0..6).sum { |key| hash[key] }).to eq(8_000)
    expect((0..2).sum { |key| hash["u#{key}"] }).to eq(2_000)
    expect(hash[:log].group_by(&:first).transform_values { |log| log.map(&:last) })
      .to eq((0..3).to_h { |child| [child, (0...2_000).step(10).to_a] })
  end

  it "meets every key once, while others come and go" do
    many = described_class.new(capacity: 64 << 20)
    20_000.times { |i| many[i] = "value #{i}" }
    seen = Hash.new(0)
    many.each do |key, value|
      seen[key] += 1
      expect(value).to eq("value #{key}") if key < 20_000
      many["new #{key}"] = 1 if key.is_a?(Integer) && key < 2_000
    rescue ArgumentError
      nil
    end
    expect(seen.select { |key, _| key.is_a?(Integer) }).to eq((0...20_000).to_h { |i| [i, 1] })
    expect(seen.values.max).to eq(1)
    expect(many.size).to eq(22_000)
  end

  it "is Enumerable" do
    hash[:a] = 1
    hash[:b] = 2
    expect([hash.keys.sort, hash.values.sort, hash.sum { |_key, value| value }]).to eq([%i[a b], [1, 2], 3])
    expect(hash.to_h { |key, value| [value, key] }).to eq({ 1 => :a, 2 => :b })
    expect([hash.each.size, hash.include?(:a), hash.min_by(&:last)]).to eq([2, true, [:a, 1]])
  end

  it "says when it is full, and stays as it was" do
    small = described_class.new(name: :totals, capacity: 16_384)
    expect { (0..).each { |i| small[i] = "x" * 100 } }
      .to raise_error(Minigun::SharedMemoryFull, /SharedHash :totals is full: give it a capacity of more than 16384/)
    size = small.size
    expect { small.append(:list, "y" * 200) }.to raise_error(Minigun::SharedMemoryFull)
    expect { small.update(0) { "z" * 9_000 } }.to raise_error(Minigun::SharedMemoryFull)
    expect([small.size, small[0]]).to eq([size, "x" * 100])
    expect { (0..).each { |i| small.add(:"n#{i}") } }.to raise_error(Minigun::SharedMemoryFull) { |error|
      expect(error).to have_attributes(collection: "SharedHash :totals", capacity: 16_384)
    }
    small.clear
    small[0] = "z" * 9_000
    expect(small[0].size).to eq(9_000)
  end

  it "refuses what it cannot keep" do
    expect { hash[:a] = proc {} }.to raise_error(Minigun::SerializationError, /Proc/)
    expect { hash[$stdout] = 1 }.to raise_error(Minigun::SerializationError)
    expect { hash[proc {}] }.to raise_error(Minigun::SerializationError)
    expect { Marshal.dump({ a: hash }) }.to raise_error(TypeError, /SharedHash :totals cannot be dumped/)
    expect { hash.dup }.to raise_error(TypeError, /use to_a or to_h/)
    expect([hash.size, hash.inspect]).to eq([0, "#<Minigun::SharedHash :totals size=0>"])
  end

  it "survives children that are killed while they change it" do
    10.times do |round|
      pid = forked do
        (0..).each do |i|
          hash.add(:count)
          hash["k#{i % 20}"] = ((i % 26) + 97).chr * (i % 60)
          hash.append("list #{round}", i)
          hash.delete("k#{i % 7}")
        end
      end
      eventually { hash.fetch("list #{round}", []).size > 20 }
      Process.kill(:KILL, pid)
      Process.wait(pid)
      expect(hash["list #{round}"]).to eq([*0...hash["list #{round}"].size])
      hash.delete("list #{round}")
    end
    texts = (0...20).filter_map { |i| hash["k#{i}"] }
    expect(texts).to all(satisfy { |text| text.empty? || text.squeeze.size == 1 })
    expect(hash.size).to eq(hash.keys.size)
  end
end
