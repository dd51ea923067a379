# frozen_string_literal: true

RSpec.describe Minigun::Execution::State::Merge do
  # What children bring home that each ran one of the blocks on a copy of the same object.
  def children(factory, *blocks)
    blocks.map do |block|
      object = factory.call
      snapshot = Minigun::Execution::State::Snapshot.new(object)
      object.instance_exec(&block)
      Marshal.load(Marshal.dump(snapshot.changes { |*problem| raise problem.inspect }))
    end
  end

  def merged(factory, deltas)
    parent = factory.call
    Marshal.load(Marshal.dump(deltas)).each do |delta|
      delta.each do |variable, change|
        described_class.apply(parent, variable, change)
      end
    end
    variables(parent)
  end

  def variables(object)
    object.instance_variables.to_h { |name| [name, object.instance_variable_get(name)] }
  end

  # The same for every order: Arrays become sorted ones.
  def canonical(value)
    case value
    when Array then value.map { |element| canonical(element) }.sort_by(&:inspect)
    when Hash then value.to_h { |key, inner| [key, canonical(inner)] }
    else value
    end
  end

  def merge_children(variables, *blocks)
    factory = -> { holder(Marshal.load(Marshal.dump(variables))) }
    merged(factory, children(factory, *blocks))
  end

  describe "one child (contract 21.1)" do
    it "applies every kind of change" do
      before = { rows: [1], seen: Set[1], stats: { n: 1, list: [1], deep: { a: { b: Set[1] } } } }
      after = merge_children(before, lambda {
        @rows << 2
        @seen << 2
        @stats[:n] += 4
        @stats[:list] << 2
        @stats[:deep][:a][:b] << 2
        @stats[:new] = { x: [1] }
      })
      expect(after).to eq(:@rows => [1, 2], :@seen => Set[1, 2],
                          :@stats => { n: 5, list: [1, 2], deep: { a: { b: Set[1, 2] } }, new: { x: [1] } })
    end

    it "keeps defaults of the parent's Hashes" do
      factory = lambda {
        holder(counts: Hash.new(0), tree: Hash.new do |hash, key|
          hash[key] = Hash.new do |h, k|
            h[k] = []
          end
        end)
      }
      work = lambda {
        @counts[:a] += 1
        @tree[:x][:y] << 1
      }
      after = merged(factory, children(factory, work, work))
      expect(after).to eq(:@counts => { a: 2 }, :@tree => { x: { y: [1, 1] } })
      expect(after[:@counts][:other]).to eq(0)
      expect(after[:@tree][:x][:other]).to eq([])
    end

    it "says when the parent holds no such container any more" do
      parent = holder(rows: nil, stats: [].freeze)
      expect(described_class.apply(parent, :@rows, [:array, [1]])).to be(false)
      expect(described_class.apply(parent, :@stats, [:array, [1]])).to be(false)
      expect(described_class.apply(holder(h: {}.freeze), :@h, [:hash, [[:a, :new, 1]]])).to be(false)
    end

    it "lets an inner container grow that a frozen Hash holds" do
      parent = holder(lists: { a: [] }.freeze)
      expect(described_class.apply(parent, :@lists, [:hash, [[:a, :inside, [:array, [1]]]]])).to be(true)
      expect(variables(parent)).to eq(:@lists => { a: [1] })
    end

    it "waits while a thread of the parent iterates over the container" do
      gate = Thread::Queue.new
      parent = holder(stats: { a: 1 }, seen: Set[1])
      variables(parent).each_value { |container| Thread.new { container.each { gate.pop } } }
      eventually { gate.num_waiting == 2 }
      merges = { :@stats => [:hash, [[:a, :number, 1], [:b, :new, 2]]], :@seen => [:set, [2]] }
      merges = merges.map { |name, change| Thread.new { described_class.apply(parent, name, change) } }
      eventually { variables(parent)[:@stats][:a] == 2 }
      2.times { gate << :go }
      expect(merges.map(&:value)).to eq([true, true])
      expect(variables(parent)).to eq(:@stats => { a: 2, b: 2 }, :@seen => Set[1, 2])
    end

    it "makes anew what the parent has removed meanwhile" do
      parent = holder(stats: {})
      described_class.apply(parent, :@stats, [:hash, [[:list, :inside, [:array, [1]]], [:n, :number, 2]]])
      expect(variables(parent)).to eq(:@stats => { list: [1], n: 2 })
    end
  end

  describe "several children that added the same key (contract 21.1)" do
    {
      "sums numbers" => [1, 2, 3], "concatenates Arrays" => [[1], [2], [1, 2]],
      "unites Sets" => [Set[1], Set[2], Set[1, 2]], "merges Hashes" => [{ a: 1 }, { b: [1] }, { a: 1, b: [1] }],
      "sums numbers of different kinds" => [1, 0.5, 1.5], "merges Hashes of Hashes" =>
        [{ a: { n: 1, s: Set[1] } }, { a: { n: 2, s: Set[2] } }, { a: { n: 3, s: Set[1, 2] } }]
    }.each do |what, (first, second, both)|
      it what do
        expect(merge_children({ stats: {} }, -> { @stats[:k] = first }, -> { @stats[:k] = second }))
          .to eq(:@stats => { k: both })
      end

      it "#{what} when they are frozen" do
        after = merge_children({ stats: {} }, -> { @stats[:k] = first.freeze }, -> { @stats[:k] = second.freeze })
        expect(after).to eq(:@stats => { k: both })
      end
    end

    it "keeps the last child's value of anything else" do
      expect(merge_children({ stats: {} }, -> { @stats[:k] = "a" }, -> { @stats[:k] = :b })).to eq(:@stats => { k: :b })
    end

    it "merges what one child has under the key with what another adds inside" do
      first = lambda {
        @by[:x] = [1]
        @by[:y] = { n: 1 }
      }
      expect(merge_children({ by: {} }, first, first)).to eq(:@by => { x: [1, 1], y: { n: 2 } })
    end
  end

  describe "in any order (contract 21.1)" do
    # Adds something at random somewhere in a structure of containers.
    def self.add(random, container, depth = 0)
      value = random.rand(100)
      case container
      when Array then container << [value, nil, "s#{value}", [value]].sample(random: random)
      when Set then container << value
      else add_under(random, container, depth)
      end
    end

    # The kind of value under a key is part of its name: what different kinds would do is no
    # question of order.
    def self.add_under(random, hash, depth)
      kinds = %i[number array set hash].first(depth < 3 ? 4 : 3)
      kind = kinds.sample(random: random)
      key = :"#{kind}#{random.rand(4)}"
      return hash[key] = hash.fetch(key, 0) + random.rand(-5..5) if kind == :number

      hash[key] = { array: [], set: Set[], hash: {} }.fetch(kind) unless hash.key?(key)
      add(random, hash[key], depth + 1)
    end

    def build(seed)
      random = Random.new(seed)
      object = holder(rows: [], seen: Set[], stats: Hash.new(0),
                      deep: { hash0: { hash1: { array0: [1], number0: 1 } } })
      20.times { act(object, random) }
      object
    end

    def act(object, random)
      self.class.add(random, object.instance_variable_get(%i[@rows @seen @stats @deep].sample(random: random)))
    end

    (1..60).each do |seed|
      it "gives what one process would have got, whichever child ends first (seed #{seed})" do
        count = 2 + (seed % 3)
        factory = -> { build(seed) }
        work = Array.new(count) do |i|
          example = self
          -> { Random.new((seed * 10) + i).then { |random| 30.times { example.act(self, random) } } }
        end
        deltas = children(factory, *work)
        alone = factory.call
        work.each { |block| alone.instance_exec(&block) }

        results = deltas.permutation.map { |order| canonical(merged(factory, order)) }
        expect(results.uniq.size).to eq(1)
        expect(results.first).to eq(canonical(variables(alone)))
      end
    end

    it "keeps each child's own order in Arrays" do
      work = (1..3).map { |child| -> { 5.times { |i| @rows << [child, i] } } }
      factory = -> { holder(rows: [:old]) }
      children(factory, *work).permutation.each do |order|
        rows = merged(factory, order)[:@rows]
        expect(rows.first).to eq(:old)
        rows.drop(1).group_by(&:first).each_value { |own| expect(own.map(&:last)).to eq([0, 1, 2, 3, 4]) }
      end
    end
  end

  describe "what cannot travel (contract 21.1)" do
    let(:sendable) { Minigun::Execution::State::Sendable }

    it "costs only itself" do
      io = $stdout
      change = [:hash, [
        [:rows, :inside, [:array, [1, io, 2]]], [:deep, :inside, [:hash, [[:x, :new, io], [:y, :new, 3]]]],
        [:fresh, :new, [4, lambda {
        }, 5]], [:by, :new, { a: [io, 6], b: io }], [:n, :number, 1], [io, :new, 1], [:io, :new, io]
      ]]
      expect(sendable.part(change)).to eq([:hash, [
                                            [:rows, :inside, [:array, [1, 2]]],
                                            [:deep, :inside, [:hash, [[:y, :new, 3]]]],
                                            [:fresh, :inside, [:array, [4, 5]]],
                                            [:by, :inside, [:hash, [[:a, :inside, [:array, [6]]]]]], [:n, :number, 1]
                                          ]])
    end

    it "leaves nothing of a change that has nothing else" do
      expect(sendable.part([:array, [-> {}]])).to be_nil
      expect(sendable.part([:hash, [[:a, :new, [-> {}]], [:b, :inside, [:set, [$stdin]]]]])).to be_nil
    end

    it "ends for values that hold themselves" do
      ring = { bad: -> {}, good: 1 }
      ring[:self] = ring
      expect(sendable.part([:hash, [[:ring, :new, ring]]]).to_s).to include("good")
    end

    it "takes an object for unsendable whose own code raises while it is dumped" do
      broken = Class.new { def marshal_dump = raise("no") }.new
      expect(sendable.part([:array, [1, broken]])).to eq([:array, [1]])
    end
  end
end
