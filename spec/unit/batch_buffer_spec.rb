# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::BatchBuffer do
  def buffer(**options)
    described_class.new(Minigun::BatchRules.new(:pile, options))
  end

  # @return [Array<Array>] what leaves when these items come, then the rest
  def batches(buffer, items)
    items.each { |item| buffer.add(item) }
    rest_of(buffer)
  end

  def rest_of(buffer)
    buffer.close
    left = []
    while (batch = buffer.take)
      left << batch.items
    end
    left
  end

  {
    "a batch has so many items" => [{ max_size: 2 }, [1, 2, 3, 4, 5], [[1, 2], [3, 4], [5]]],
    "a batch holds one key" => [{ max_size: 2, by: ->(n) { n % 2 } }, [1, 2, 3, 4, 5], [[1, 3], [2, 4], [5]]],
    "the key may be a method's name" =>
      [{ max_size: 2, by: :size }, %w[a bb c dd eee], [%w[a c], %w[bb dd], %w[eee]]],
    "nil and false are keys of their own" =>
      [{ max_size: 9, by: :itself }, [nil, false, nil, false], [[nil, nil], [false, false]]],
    "an Array is spread over the parameters of a block, a lambda's too" =>
      [{ max_size: 9, by: ->(kind, _id) { kind } }, [[:a, 1], [:b, 2], [:a, 3]], [[[:a, 1], [:a, 3]], [[:b, 2]]]],
    "the item that would be too much begins the next batch" =>
      [{ max_size: 9, max_bytes: 5 }, %w[aa bbb c dddd e], [%w[aa bbb], %w[c dddd], %w[e]]],
    "what is larger than a batch goes alone" =>
      [{ max_size: 9, max_bytes: 3 }, %w[a bbbbb c dddd], [%w[a], %w[bbbbb], %w[c], %w[dddd]]],
    "what has no bytes always has room" => [{ max_size: 9, max_bytes: 1 }, ["a", "", "", "b"], [["a", "", ""], ["b"]]],
    "the bytes may be told" =>
      [{ max_size: 9, max_bytes: 10, bytes_of: ->(n) { n } }, [4, 6, 1, 20, 3], [[4, 6], [1], [20], [3]]],
    "bytes are counted for each key" =>
      [{ max_size: 9, max_bytes: 3, by: ->(s) { s[0] } }, %w[aa b aa b], [%w[aa], %w[b b], %w[aa]]],
    "where the total leaves no room the largest leaves first" =>
      [{ max_size: 9, max_total: 3, by: :itself }, [1, 2, 1, 3, 4, 5], [[1, 1], [2], [3], [4], [5]]],
    "of equals it is the one that has had its size for longest" =>
      [{ max_size: 9, max_total: 4, by: :itself }, [1, 2, 2, 1, 3], [[2, 2], [1, 1], [3]]],
    "it may be the item's own" => [{ max_size: 9, max_total: 2, by: :itself }, [1, 1, 1], [[1, 1], [1]]],
    "a total holds without keys" => [{ max_size: 9, max_total: 2 }, [1, 2, 3, 4], [[1, 2], [3, 4]]],
    "a full batch makes room by itself" =>
      [{ max_size: 2, max_total: 3, by: :itself }, [1, 2, 2, 3, 4], [[2, 2], [1], [3], [4]]],
    "what is dropped needs no room" => [{ max_size: 9, max_total: 2, uniq: true }, [1, 2, 1, 2, 3], [[1, 2], [3]]],
    "no item is twice in a batch" => [{ max_size: 2, uniq: true }, [1, 1, 2, 2, 1], [[1, 2], [2, 1]]],
    "a block tells items apart, the first stays" =>
      [{ max_size: 2, uniq: ->(n) { n % 10 } }, [1, 11, 2, 21], [[1, 2], [21]]],
    "a method's name does, too" => [{ max_size: 3, uniq: :downcase }, %w[a A b B], [%w[a b]]],
    "what is equal but of another type is another item" => [{ max_size: 9, uniq: true }, [1, 1.0, 1], [[1, 1.0]]],
    "other keys may have the same item" =>
      [{ max_size: 9, by: :first, uniq: :last }, [[:a, 1], [:b, 1], [:a, 1]], [[[:a, 1]], [[:b, 1]]]],
    "what is dropped counts for nothing" =>
      [{ max_size: 9, max_bytes: 2, uniq: true }, %w[a a a b], [%w[a b]]],
    "uniq: false is none" => [{ max_size: 9, uniq: false }, [1, 1], [[1, 1]]]
  }.each do |rule, (options, items, expected)|
    it rule do
      expect(batches(buffer(**options), items)).to eq(expected)
    end
  end

  200.times do |round|
    it "does what a simple model does (round #{round})" do
      random = Random.new((RSpec.configuration.seed * 1_000) + round)
      model = BatchModel.sample(random)
      items = BatchModel.items(random, random.rand(0..60))
      expect(batches(buffer(**model.stage_options), items)).to eq(model.dup.call(items)), "#{model.inspect} #{items}"
    end
  end

  it "is never over the total, nor over the bytes of more than one item" do
    random = Random.new(RSpec.configuration.seed)
    pile = buffer(max_size: 50, by: :first, max_bytes: 30, bytes_of: :last, max_total: 20)
    BatchModel.items(random, 2_000).each do |item|
      pile.add(item)
      expect(pile.size).to be <= 20
    end
    sizes = rest_of(pile).map { |batch| batch.size == 1 ? 0 : batch.sum(&:last) }
    expect(sizes.max).to be <= 30
  end

  it "finds the largest of many batches at once" do
    few = buffer(max_size: 3, by: :itself, max_total: 10)
    many = buffer(max_size: 3, by: :itself, max_total: 10_000)
    cost = [few, many].map do |pile|
      10_000.times { |n| pile.add(n) }
      before = GC.stat(:total_allocated_objects)
      5_000.times { |n| pile.add(n + 10_000) }
      GC.stat(:total_allocated_objects) - before
    end
    expect(cost.last).to be < cost.first * 2
    expect(many.size).to eq(10_000)
  end

  describe "max_wait" do
    let(:clock) { [100.0] }

    before { allow(Minigun).to receive(:monotonic_time) { clock.first } }

    it "counts from the first item of a batch" do
      pile = buffer(max_size: 9, by: :itself, max_wait: 2)
      pile.add(1)
      clock[0] += 1.5
      pile.add(2)
      pile.add(1)
      expect(pile.next_due).to eq(102.0)

      clock[0] += 0.5
      pile.close_due
      expect(pile.take.items).to eq([1, 1])
      expect([pile.take, pile.size, pile.next_due]).to eq([nil, 1, 103.5])
    end

    it "lets no item into a batch whose time is over" do
      pile = buffer(max_size: 9, max_wait: 2)
      pile.add(1)
      clock[0] += 2
      pile.add(2)
      expect([pile.take.items, pile.take, pile.size]).to eq([[1], nil, 1])
    end

    it "of 0 keeps nothing" do
      pile = buffer(max_size: 9, max_wait: 0)
      pile.add(1)
      pile.close_due
      expect(pile.take.items).to eq([1])
    end

    it "is never due when nothing is there, or no time is given" do
      expect(buffer(max_size: 9, max_wait: 2).next_due).to be_nil
      expect(buffer(max_size: 9).tap { |pile| pile.add(1) }.next_due).to be_nil
    end
  end

  describe "an item that is taken out again" do
    it "leaves no trace" do
      pile = buffer(max_size: 3, by: :first, uniq: ->(item) { item[1] }, max_bytes: 10, bytes_of: :last, max_total: 4)
      pile.add([0, 1, 1])
      pile.withdraw(pile.add([0, 2, 9]))
      pile.withdraw(pile.add([1, 1, 1]))
      expect(pile.size).to eq(1)

      expect(batches(pile, [[0, 2, 9], [1, 1, 1]])).to eq([[[0, 1, 1], [0, 2, 9]], [[1, 1, 1]]])
      expect(pile).to be_empty
    end

    it "comes out of a batch that is to leave" do
      pile = buffer(max_size: 2)
      pile.add(1)
      pile.withdraw(pile.add(2))
      expect(pile.take.items).to eq([1])

      single = buffer(max_size: 1)
      single.withdraw(single.add(1))
      expect(single).to be_empty
    end
  end

  it "changes nothing when a block raises" do
    { by: ->(n) { Integer(n) }, uniq: ->(n) { Integer(n) }, bytes_of: ->(n) { Integer(n) } }.each do |option, block|
      pile = buffer(max_size: 9, max_bytes: 100, option => block)
      expect { pile.add("x") }.to raise_error(ArgumentError)
      expect(pile).to be_empty
    end
  end

  describe "bytes" do
    def bytes(item, **options) = Minigun::BatchRules.new(:pile, { max_bytes: 9, **options }).bytes(nil, item)

    it "are those of a String, or those that travel" do
      expect(bytes("zażółć")).to eq(10)
      expect(bytes("x", bytes_of: true)).to eq(1)
      expect(bytes({ id: 1 })).to eq(Minigun::Native.dump({ id: 1 }).bytesize)
    end

    it "of what cannot travel have to be told" do
      expect { bytes(proc {}) }.to raise_error(Minigun::Error, /max_bytes of :pile.*Proc.*bytes_of/)
      expect(bytes(proc {}, bytes_of: ->(_) { 3 })).to eq(3)
    end

    [nil, -1, 1.5, "3"].each do |answer|
      it "are not #{answer.inspect}" do
        expect { bytes(1, bytes_of: ->(_) { answer }) }
          .to raise_error(Minigun::Error, /bytes_of of :pile.*#{Regexp.escape(answer.inspect)}/)
      end
    end
  end

  it "asks blocks with self being the context" do
    context = Object.new
    def context.kind_of_item(item) = item.even?
    pile = buffer(max_size: 9, by: ->(n) { kind_of_item(n) })
    (1..4).each { |n| pile.add(n, context) }
    expect(rest_of(pile)).to eq([[1, 3], [2, 4]])
  end

  describe "sizes nobody gives (contract 5, 7.3)" do
    def rules(options, config = {}) = Minigun::BatchRules.new(:pile, options, config)

    {
      "100" => [{}, {}, 100, nil],
      "100 with a key" => [{ by: :x }, {}, 100, 4000],
      "accumulator_max_single where bytes are the bound" => [{ max_bytes: 1 }, {}, 2000, nil],
      "accumulator_max_single where it was set" => [{}, { accumulator_max_single: 7 }, 7, nil],
      "what the stage says is stronger" => [{ max_size: 9 }, { accumulator_max_single: 7 }, 9, nil],
      "accumulator_max_all where it was set" => [{ by: :x }, { accumulator_max_all: 500 }, 100, 500],
      "the total of the stage is stronger" => [{ by: :x, max_total: 3 }, { accumulator_max_all: 500 }, 100, 3],
      "no total without a key" => [{}, { accumulator_max_all: 5 }, 100, nil],
      "a total that has room for a batch" => [{ by: :x, max_size: 9000 }, {}, 9000, 9000]
    }.each do |rule, (options, config, size, total)|
      it rule do
        expect(rules(options, config)).to have_attributes(max_size: size, max_total: total)
      end
    end
  end
end
