# frozen_string_literal: true

# The block must do the same as by instance_exec: whatever either gives, or raises, is compared.
RSpec.describe Minigun::Native::BoundBlock do
  # Something to be self.
  let(:object) { Struct.new(:name, :seen).new("other", []) }

  def yielded(item) = yield(item)

  def outcome
    yield
  rescue StandardError => e
    [e.class, e.message[/\A.*$/]]
  end

  def bound(block) = described_class.of(block, object) || raise("this Ruby keeps its Procs elsewhere")

  outer = 3
  {
    "takes one": proc { |n| [self.class, n] },
    "takes the first of an Array": proc { |n,| [name, n] },
    "takes two": proc { |a, b| [name, a, b] },
    "takes any": proc { |*n| [name, n] },
    "takes one or none": proc { |n = :none| [name, n] },
    "takes keywords": proc { |n = nil, key: 1, **more| [name, n, key, more] },
    "takes a block": proc { |n, &block| [name, n, block] },
    "takes what it is not told about": proc { [name, _1] },
    "changes variables around it": proc { |n| [outer += 1, n, outer = 3] },
    "uses instance variables": proc { |n| [@kept = n, instance_variable_get(:@kept), name] },
    "calls a private method": proc { |n| sprintf("%s", n) }, # rubocop:disable Style/FormatString
    "uses a constant": proc { |n| [Struct, Minigun::VERSION, n] },
    "has blocks inside": proc { |n| [n].map { |m| [name, m, self.class] } },
    "makes a lambda": proc { |n| ->(m) { [name, m, n] }.call(1) },
    returns: proc { |n| n || true ? (return n) : n },
    breaks: proc { |n| n || true ? (break n) : n },
    skips: proc { |n| n || true ? (next n) : n },
    raises: proc { |n| raise KeyError, n.inspect },
    "asks for its method": proc { |n| [n, __method__, block_given?] },
    "calls what there is not": proc { |n| nowhere(n) }
  }.each do |what, block|
    [nil, 1, [1, 2], [], [[3]], { key: 2 }, { key: 2, other: 3 }, { "key" => 2 }].each do |item|
      it "does the same with #{item.inspect} as by instance_exec, when it #{what} (contract 10.2)" do
        expected = outcome { object.instance_exec(item, &block) }

        expect(outcome { yielded(item, &bound(block)) }).to eq(expected)
      end
    end
  end

  it "leaves the block itself as it is (contract 3.5)" do
    block = proc { self }
    first = bound(block)
    second = described_class.of(block, 5)

    expect([block.call, yielded(nil, &first), yielded(nil, &second)]).to eq([self, object, 5])
    expect(first.call).to equal(object)
  end

  it "keeps its object alive, and finds it again after it was moved" do
    blocks = Array.new(2000) { |n| described_class.of(proc { upcase }, "object #{n}") }
    GC.start
    GC.compact if GC.respond_to?(:compact)

    expect(blocks.map { |block| yielded(nil, &block) }).to eq(Array.new(2000) { |n| "OBJECT #{n}" })
  end

  it "is found by the collector when it is old and its object is young" do
    block = proc { self }
    copies = Array.new(200) { block.clone }
    4.times { GC.start }
    copies.each_with_index { |copy, n| Minigun::Native.rebind(copy, self, "young #{n}") }
    GC.start(full_mark: false)
    Array.new(10_000) { +"garbage" }

    expect(copies.map { |copy| yielded(nil, &copy) }).to eq(Array.new(200) { |n| "young #{n}" })
  end

  it "says no where the object is another than the one that the Proc has" do
    copy = proc { self }.clone

    expect(Minigun::Native.rebind(copy, object, 1)).to be(false)
    expect(copy.call).to equal(self)
    expect(Minigun::Native.rebind(object, object, 1)).to be(false)
  end

  it "says no to one that Ractors share" do
    block = nil.instance_exec { Ractor.make_shareable(proc { |n| [self, n] }) }

    expect(described_class.of(block, object)).to be_nil
    expect(block.call(1)).to eq([nil, 1])
  end

  it "raises nothing that a class of the user's makes of copying, where Ruby asks it" do
    klass = Class.new(Proc) do
      def initialize_clone(*, **) = raise("no copies")
      def initialize_copy(*) = raise("no copies")
    end
    copy = described_class.of(klass.new { |n| [self, n] }, object)

    expect(copy && yielded(1, &copy)).to eq(copy && [object, 1])
  end

  it "takes Procs of a class of the user's, whatever that makes of copying" do
    klass = Class.new(Proc) { def clone(*) = raise("no copies") }

    expect(yielded(1, &described_class.of(klass.new { |n| [self, n] }, object))).to eq([object, 1])
  end
end
