# frozen_string_literal: true

RSpec.describe Minigun::Execution::State::Snapshot do
  # What the block adds, and the problems met.
  def changes_of(variables)
    object = holder(variables)
    snapshot = described_class.new(object)
    yield object if block_given?
    @problems = []
    snapshot.changes { |*problem| @problems << problem }.to_h
  end

  def run_in(object, &block) = object.instance_exec(&block)

  def reasons = @problems.map(&:last)

  describe "Arrays (contract 21.1)" do
    it "reports the elements appended" do
      rows = [1, 2]
      expect(changes_of(rows: rows) { rows << 3 << nil << false }).to eq(:@rows => [:array, [3, nil, false]])
      expect(@problems).to be_empty
    end

    it "reports nothing when nothing was added" do
      expect(changes_of(rows: [1], seen: Set[1], stats: { a: 1, b: [2] })).to eq({})
    end

    it "counts what was added, not what is there: a million inherited rows cost their tail" do
      rows = Array.new(1_000_000) { |i| i }
      allocated = nil
      changes = changes_of(rows: rows) do
        rows << :new
        allocated = GC.stat(:total_allocated_objects)
      end
      allocated = GC.stat(:total_allocated_objects) - allocated
      expect(changes).to eq(:@rows => [:array, [:new]])
      expect(allocated).to be < 100
    end

    it "looks at no more than a sample of a long Array" do
      rows = Array.new(100_000) { |i| i }
      reads = 0
      rows.define_singleton_method(:[]) do |*arguments|
        reads += 1
        super(*arguments)
      end
      changes_of(rows: rows) { rows << 1 }
      expect(reads).to be <= 4 * Minigun::Execution::State::ArrayMark::SAMPLES
    end

    {
      "shifted" => [->(rows) { rows.shift && (rows << :x << :y) }, %i[x y]],
      "deleted from the middle" => [->(rows) { rows.delete(:b) && (rows << :x) }, [:x]],
      "reversed" => [->(rows) { rows.reverse! << :x }, [:x]],
      "replaced at the front" => [->(rows) { (rows[0] = :n) && (rows << :x) }, [:x]],
      "replaced at the end" => [->(rows) { (rows[2] = :n) && (rows << :x) }, [:x]],
      "inserted at the front" => [->(rows) { rows.unshift(:n) << :x }, [:x]],
      "sorted" => [->(rows) { rows.sort_by! { |name| name == :a ? 1 : 0 } << :x }, [:x]]
    }.each do |what, (change, added)|
      it "says that inherited elements were #{what}, and still finds what was appended" do
        rows = %i[a b c]
        changes = changes_of(rows: rows) { change.call(rows) }
        expect(changes).to eq(:@rows => [:array, added])
        expect(@problems).to contain_exactly([:@rows, :changed, a_string_matching(/elements were/)])
      end
    end

    it "never takes an inherited element for an appended one" do
      [%i[a b c], Array.new(500) { |i| :"e#{i}" }].each do |inherited|
        [:rotate!, :reverse!, :shuffle!, %i[unshift n], %i[push n], [:shift], [:pop], [:delete_at, 1]].each do |call|
          rows = inherited.dup
          changes = changes_of(rows: rows) { rows.public_send(*call) && rows.push(:x) }
          expect(changes.fetch(:@rows, [:array, []]).last - %i[n x]).to eq([]), "after #{call}"
        end
      end
    end

    it "says that elements were removed" do
      rows = [1, 2, 3]
      expect(changes_of(rows: rows) { rows.pop }).to eq({})
      expect(@problems).to eq([[:@rows, :changed, "elements were removed"]])
    end
  end

  describe "Sets (contract 21.1)" do
    it "reports the elements added" do
      seen = Set[1, 2]
      expect(changes_of(seen: seen) { seen.merge([2, 3, nil]) }).to eq(:@seen => [:set, [3, nil]])
    end

    it "says that elements were removed, and still finds the added ones" do
      seen = Set[1, 2, 3]
      expect(changes_of(seen: seen) { seen.delete(1).add(9) }).to eq(:@seen => [:set, [9]])
      expect(@problems).to eq([[:@seen, :removed, "elements were removed"]])
    end

    it "knows a large one by its size" do
      seen = Set.new(1..20_000)
      expect(changes_of(seen: seen) { seen << 5 << 20_001 }).to eq(:@seen => [:set, [20_001]])
    end
  end

  describe "Hashes (contract 21.1)" do
    it "reports new keys, differences of numbers, and what was added inside" do
      stats = { n: 5, share: 0.5, list: [1], seen: Set[1], deep: { a: { b: [1], c: 1 } } }
      changes = changes_of(stats: stats) do
        stats[:n] += 2
        stats[:share] += 0.25
        stats[:list] << 2
        stats[:seen] << 2
        stats[:deep][:a][:b] << 2
        stats[:deep][:a][:c] -= 3
        stats[:new] = "x"
      end
      deep = [:hash, [[:a, :inside, [:hash, [[:b, :inside, [:array, [2]]], [:c, :number, -3]]]]]]
      expect(changes).to eq(:@stats => [:hash, [
                              [:n, :number, 2], [:share, :number, 0.25], [:list, :inside, [:array, [2]]],
                              [:seen, :inside, [:set, [2]]], [:deep, :inside, deep], [:new, :new, "x"]
                            ]])
    end

    it "does not call the default of the user's Hash" do
      calls = 0
      counts = Hash.new { |_hash, _key| calls += 1 }
      counts[:a] = 1
      expect(changes_of(counts: counts) { counts[:b] = 2 }).to eq(:@counts => [:hash, [[:b, :new, 2]]])
      expect(calls).to eq(0)
    end

    it "describes a new Hash that has a default block by its contents" do
      tree = Hash.new { |hash, key| hash[key] = Hash.new { |inner, name| inner[name] = [] } }
      changes = changes_of(tree: tree) { tree[:a][:x] << 1 }
      expect(changes).to eq(:@tree => [:hash, [[:a, :inside, [:hash, [[:x, :new, [1]]]]]]])
      expect(Marshal.load(Marshal.dump(changes))).to eq(changes)
    end

    it "says that keys were removed, and still finds what was added" do
      stats = { a: 1, b: 2 }
      changes = changes_of(stats: stats) { stats.delete(:a) && (stats[:c] = 3) && (stats[:b] += 1) }
      expect(changes).to eq(:@stats => [:hash, [[:b, :number, 1], [:c, :new, 3]]])
      expect(@problems).to eq([[:@stats, :removed, "keys were removed"]])
    end

    it "says that a value was replaced, naming its key" do
      stats = { state: "new", list: [1], n: nil, count: 1 }
      changes = changes_of(stats: stats) do
        stats.update(state: "done", list: [1, 2], n: 4, count: "many")
        stats[:other] = true
      end
      expect(changes).to eq(:@stats => [:hash, [[:other, :new, true]]])
      expect(reasons).to eq(%i[state list n count].map { |key|
        "the value of inherited key #{key.inspect} was replaced"
      })
    end

    it "is silent when a String is replaced by an equal one" do
      stats = { state: +"new" }
      changes_of(stats: stats) { stats[:state] = +"new" }
      expect(@problems).to be_empty
    end

    it "has no difference of infinite numbers" do
      stats = { min: Float::INFINITY, max: -Float::INFINITY, nan: 1.0 }
      changes = changes_of(stats: stats) { stats.update(min: 3, max: 3.0, nan: Float::NAN) }
      expect(changes).to eq({})
      expect(@problems.size).to eq(3)
    end

    it "keeps the exact kind of a number" do
      stats = { i: 2**70, r: 1/3r, c: 1i }
      changes = changes_of(stats: stats) { stats.transform_values! { |number| number + 1 } }
      expect(changes[:@stats].last.map(&:last)).to eq([1, 1r, 1 + 0i])
    end

    it "compares one of more than 10,000 keys by its new keys only" do
      index = (1..10_001).to_h { |i| [i, [0]] }
      changes = changes_of(index: index) do
        index[1] << 5
        index[20_000] = [7]
      end
      expect(changes).to eq(:@index => [:hash, [[20_000, :new, [7]]]])
    end

    it "compares one of 10,000 keys in full" do
      index = (1..10_000).to_h { |i| [i, 0] }
      expect(changes_of(index: index) { index[7] += 1 }).to eq(:@index => [:hash, [[7, :number, 1]]])
    end

    it "finds what grows inside a frozen Hash" do
      lists = { a: [], b: [] }.freeze
      expect(changes_of(lists: lists) { lists[:b] << 1 }).to eq(:@lists => [:hash, [[:b, :inside, [:array, [1]]]]])
    end

    it "compares keys by identity where the Hash does" do
      keys = Array.new(2) { +"key" }
      counts = {}.compare_by_identity
      counts[keys[0]] = 1
      changes = changes_of(counts: counts) { counts[keys[1]] = 5 }
      expect(changes).to eq(:@counts => [:hash, [["key", :new, 5]]])
    end
  end

  describe "instance variables (contract 21.1)" do
    it "leaves reassigned ones and plain values in the child" do
      changes = changes_of(rows: [1], n: 1, text: +"a") do |object|
        run_in(object) do
          @rows += [2]
          @n += 1
          @text << "b"
          @fresh = [1]
        end
      end
      expect(changes).to eq({})
      expect(@problems).to be_empty
    end

    it "leaves the engine's own out" do
      list = []
      expect(changes_of(__minigun_list: list) { list << 1 }).to eq({})
    end

    it "reports a container that two variables hold once" do
      rows = []
      changes = changes_of(rows: rows, alias: rows, stats: { rows: rows }) { rows << 1 }
      expect(changes).to eq(:@rows => [:array, [1]])
    end

    it "survives containers that hold themselves" do
      ring = {}
      ring[:self] = ring
      expect(changes_of(ring: ring) { ring[:n] = 1 }).to eq(:@ring => [:hash, [[:n, :new, 1]]])
    end

    it "follows eight levels" do
      leaf = []
      nested = (1..8).inject(leaf) { |inner, level| { level => inner } }
      changes = changes_of(nested: nested) { leaf << 1 }
      expect(changes.to_s.scan("inside").size).to eq(8)
      expect(changes_of(nested: { 9 => nested }) { leaf << 2 }).to eq({})
    end
  end

  describe "asked again (contract 21.1, a child that works on many items)" do
    it "reports each addition once" do
      object = holder(rows: [], stats: Hash.new(0), seen: Set[], by: {})
      snapshot = described_class.new(object)
      changes = Array.new(3) do |i|
        run_in(object) do
          @rows << i
          @stats[:n] += 1
          @seen << i
          (@by[:all] ||= []) << i
        end
        Marshal.load(Marshal.dump(snapshot.changes { raise "no problem expected" })).to_h
      end
      expect(changes.map { |change| change[:@rows].last }).to eq([[0], [1], [2]])
      expect(changes.map { |change| change[:@seen].last }).to eq([[0], [1], [2]])
      expect(changes.map { |change| change[:@stats].last })
        .to eq([[[:n, :new, 1]], [[:n, :number, 1]], [[:n, :number, 1]]])
      expect(changes.map { |change| change[:@by].last })
        .to eq([[[:all, :new, [0]]], [[:all, :inside, [:array, [1]]]], [[:all, :inside, [:array, [2]]]]])
      expect(snapshot.changes).to eq([])
    end

    it "goes on after a problem" do
      object = holder(rows: [1, 2])
      snapshot = described_class.new(object)
      run_in(object) { @rows.clear }
      snapshot.changes { nil }
      run_in(object) { @rows << 3 }
      expect(snapshot.changes { raise "no problem expected" }).to eq([[:@rows, [:array, [3]]]])
    end

    it "never merges what was put in the place of an inherited value" do
      object = holder(rows: [1], stats: { list: [1], n: nil })
      snapshot = described_class.new(object)
      run_in(object) do
        @rows += [2]
        @stats.update(list: [9], n: 4)
      end
      snapshot.changes { nil }
      run_in(object) do
        @rows << 3
        @stats[:list] << 8
        @stats[:n] += 1
      end
      expect(snapshot.changes { raise "told already" }).to eq([])
    end

    it "takes the last plain value of a key that the child has added itself" do
      object = holder(state: { old: "old" }, large: (1..10_001).to_h { |i| [i, i] })
      snapshot = described_class.new(object)
      changes = ["a", nil, 7, 9, "b", "b"].map do |value|
        run_in(object) { [@state, @large].each { |hash| hash[:new] = value } }
        snapshot.changes { raise "no problem expected" }.map(&:last)
      end
      expect(changes).to eq([[:new, "a"], [:new, nil], [:new, 7], [:number, 2], [:new, "b"], nil].map do |how, value|
        how ? [[:hash, [[:new, how, value]]]] * 2 : []
      end)
    end

    it "says that a container was replaced under a key that the child has added itself" do
      object = holder(state: {})
      snapshot = described_class.new(object)
      run_in(object) { @state.update(list: [1], text: "a") }
      snapshot.changes
      run_in(object) { @state.update(list: [2], text: [3]) }
      problems = []
      expect(snapshot.changes { |*problem| problems << problem }).to eq([])
      expect(problems.map(&:last)).to eq(["the value of key :list was replaced", "the value of key :text was replaced"])
    end

    it "follows the new keys of a large Hash" do
      object = holder(index: (1..10_001).to_h { |i| [i, i] })
      snapshot = described_class.new(object)
      run_in(object) { @index[:new] = [1] }
      snapshot.changes
      run_in(object) { (@index[:new] << 2) && (@index[:more] = 1) }
      expect(snapshot.changes).to eq([[:@index, [:hash, [[:new, :inside, [:array, [2]]], [:more, :new, 1]]]]])
    end
  end
end
