# frozen_string_literal: true

RSpec.describe Minigun::SharedArray do
  include_context "base set"

  let!(:array) { described_class.new(name: :rows, capacity: 1 << 20) }

  it "appends and reads copies (contract 21.1)" do
    row = { id: 1, name: "a" }
    expect(array << row).to be(array)
    row[:id] = 9
    array.push(2, nil).push([3], :four)
    expect(array.to_a).to eq([{ id: 1, name: "a" }, 2, nil, [3], :four])
    array[0][:id] = 7
    expect(array[0]).to eq({ id: 1, name: "a" })
    expect([array.size, array.length, array.count, array.empty?]).to eq([5, 5, 5, false])
  end

  it "is read by index, from both ends" do
    array.push(*1..5)
    expect([array[0], array[4], array[5], array[-1], array[-5], array[-6],
            array.at(1)]).to eq([1, 5, nil, 5, 1, nil, 2])
    expect([array.first, array.first(2), array.last, array.last(2),
            array.last(9)]).to eq([1, [1, 2], 5, [4, 5], [*1..5]])
    expect { array.last(-1) }.to raise_error(ArgumentError)
  end

  it "is Enumerable, with elements appended meanwhile" do
    array.push(1, 2, 3)
    seen = []
    expect(array.each { |n| (seen << n) && array.size < 5 && (array << (n + 10)) }).to be(array)
    expect(seen).to eq([1, 2, 3, 11, 12])
    expect([array.each.size, array.include?(12), array.sum, array.map { |n| n * 2 }.max]).to eq([5, true, 29, 24])
  end

  Runs::AWKWARD.each do |what, value|
    it "keeps #{what}" do
      array << value
      expect(Marshal.dump(array[0])).to eq(Marshal.dump(Marshal.load(Marshal.dump(value))))
    end
  end

  it "is shared with children, in the order of each" do
    pids = Array.new(4) do |child|
      forked do
        500.times { |i| i % 5 == 4 ? array.push([child, i], [child, i, :twin]) : array << [child, i] }
      end
    end
    pids.each { |pid| Process.wait(pid) }
    expect(array.size).to eq(2_400)
    array.each_slice(600).each { |slice| expect(slice.size).to eq(600) }
    by_child = array.to_a.reject { |entry| entry[2] }.group_by(&:first)
    expect(by_child.transform_values { |entries| entries.map(&:last) }).to eq((0..3).to_h { |child|
      [child, [*0...500]]
    })
    array.each_cons(2) { |one, two| expect(two).to eq(one + [:twin]) if two[2] }
  end

  it "shows what a child appends while it lives" do
    go, told = IO.pipe
    pid = forked do
      array << :there
      go.read(1)
    end
    eventually { array.to_a == [:there] }
    told.write(".")
    expect(Process.wait2(pid).last).to be_success
  ensure
    [go, told].each(&:close)
  end

  it "keeps large and many elements" do
    large = "x" * 300_000
    array.push(large, large)
    expect(array.to_a).to eq([large, large])
    many = described_class.new(capacity: 64 << 20)
    many.push(*0...100_000)
    expect([many.size, many.to_a == [*0...100_000], many[99_999]]).to eq([100_000, true, 99_999])
  end

  it "says when it is full, and keeps what it has" do
    small = described_class.new(name: :rows, capacity: 16_384)
    added = (0..).find { |i| !(small << ("x" * 100)) rescue break i } # rubocop:disable Style/RescueModifier
    expect(added).to be > 50
    expect { small << ("x" * 100) }
      .to raise_error(Minigun::SharedMemoryFull,
                      /SharedArray :rows is full: give it a capacity of more than 16384 bytes/)
    expect(small.size).to eq(added)
    expect { small.push("y", "x" * 20_000) }.to raise_error(Minigun::SharedMemoryFull)
    expect(small.size).to eq(added)
    in_child { small.clear }
    small << 1
    expect(small.to_a).to eq([1])
  end

  it "refuses what it cannot keep, by name" do
    expect { array << proc {} }.to raise_error(Minigun::SerializationError, /Proc/)
    expect { array.push(1, $stdout) }.to raise_error(Minigun::SerializationError)
    expect { array.concat([1], 2) }.to raise_error(TypeError, /SharedArray :rows: concat needs Arrays, got 2/)
    expect(array).to be_empty
    expect { described_class.new(capacity: 100) }
      .to raise_error(ArgumentError,
                      /SharedArray: the capacity must be an Integer of at least 16384 \(bytes\), got 100/)
    expect { described_class.new(capacity: 1 << 60) }.to raise_error(Minigun::RingAllocError)
    expect { Marshal.dump(array) }.to raise_error(TypeError, /SharedArray :rows cannot be dumped/)
    expect { array.clone }.to raise_error(TypeError, /cannot be copied/)
    expect(array.inspect).to eq("#<Minigun::SharedArray :rows size=0>")
  end

  it "survives children that are killed while they append" do
    rows = described_class.new(capacity: 64 << 20)
    10.times do |round|
      pid = forked { 50_000.times { |i| rows << [round, i, "x" * (i % 90)] } && sleep }
      size = rows.size
      eventually { rows.size > size + 20 }
      Process.kill(:KILL, pid)
      Process.wait(pid)
    end
    rows.to_a.group_by(&:first).each_value do |entries|
      expect(entries.map { |entry| entry[1] }).to eq([*0...entries.size])
      expect(entries).to all(satisfy { |_, i, text| text.size == i % 90 })
    end
  end
end
