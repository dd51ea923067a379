# frozen_string_literal: true

# rubocop:disable Lint/UnreachableLoop, Style/PerlBackrefs, Style/RedundantConstantBase, Style/GlobalVars
# rubocop:disable Style/RedundantSelf, Style/RedundantFormat, Style/Alias, RSpec/Output, Style/GlobalStdStream
# The blocks are what is tested: each is written the way that has to be recognised.
RSpec.describe Minigun::Execution::Isolation do
  # An object with a method of its own, and one that has the name of a function.
  let(:receiver) do
    Class.new do
      def helper = 1
      def format(*) = "mine"
    end.new
  end

  def obstacle(block, known: [])
    described_class.obstacle(block, receiver) { |name| known.include?(name) }
  end

  before do
    stub_const("FrozenRates", { eur: 1 }.freeze)
    stub_const("Rates", { eur: 1 })
    stub_const("Shop", Module.new)
    stub_const("Shop::LIMIT", 5)
    stub_const("Shop::SEEN", [])
  end

  {
    "a calculation" => proc { |n| (n * 2) + 1 },
    "variables of its own, also in blocks inside" => proc { |n| [1, 2].each_with_index.map { |x, i| n + x + i } },
    "a lambda inside" => proc { |n| -> { n + 1 }.call },
    "rescue, ensure and what was raised" => proc do |n|
      Integer(n)
    rescue ArgumentError
      $!.message
    ensure
      n.to_s
    end,
    "functions of Ruby" => proc { |n| n.zero? ? raise(ArgumentError, "zero") : loop { break Float(n) } },
    "text with values in it" => proc { |n| "#{n} #{n + 1}" },
    "a match" => proc { |text| text =~ /(\d+)/ ? $1 : $~ },
    "pattern matching" => proc { |row| row in { id: Integer => id } and id },
    "optional and keyword parameters" => proc { |n, m = 2, *rest, key: 3, **more| [n, m, rest, key, more] },
    "a shareable constant" => proc { FrozenRates },
    "a constant in a module" => proc { Shop::LIMIT },
    "classes and their methods" => proc { |n| Math.sqrt(n) + Process.pid + ::Comparable.name.size },
    "a constant that does not exist yet" => proc { NotThereYet }
  }.each do |what, block|
    it "lets a block with #{what} go (contract 21.6)" do
      expect(obstacle(block)).to be_nil
      expect(Ractor.shareable?(described_class.copy(block))).to be(true)
    end
  end

  {
    "uses self" => [proc { self }, proc { |n| n.push(self) }, proc { |n| "#{self} #{n}" }, proc { self[1] },
                    proc { defined?(helper) }],
    "uses the instance variable @x" => [proc { @x }, proc { @x = 1 }, proc { |n| n.each { @x } }, proc { -> { @x } }],
    "uses the variable @x" => [proc { defined?(@x) }],
    "uses the variable $x" => [proc { defined?($x) }],
    "uses the global variable $PROGRAM_NAME" => [proc { $PROGRAM_NAME }, proc { $PROGRAM_NAME = "x" }],
    "calls the method helper of its object" => [proc { helper }, proc { |n| helper + n }, proc { self.helper },
                                                proc { |n| n.map { helper } }],
    "calls the method format of its object" => [proc { format("%d", 1) }],
    "calls the method emit of its object" => [proc { |n| emit n }],
    "calls the method instance_variable_get of its object" => [proc { instance_variable_get(:@x) }],
    "calls the method binding of its object" => [proc { binding }],
    "calls the method require of its object" => [proc { require "set" }],
    "refers to Rates, which is not shareable" => [proc { Rates }, proc { |n| n.map { ::Rates } }],
    "refers to Shop::SEEN, which is not shareable" => [proc { Shop::SEEN }],
    "defines the method x" => [proc { def x = 1 }],
    "changes methods" => [proc { alias x helper }],
    "is not written as a block" => [:upcase.to_proc, 5.method(:+).to_proc, nil]
  }.each do |reason, blocks|
    blocks.each_with_index do |block, index|
      it "says of a block that it #{reason} (#{index}) (contract 21.6)" do
        expect(obstacle(block)).to eq(reason)
      end
    end
  end

  it "says of a block that it uses variables from outside, also where it only assigns them (contract 21.6)" do
    outside = 1
    expect(obstacle(proc { outside })).to eq("uses variables from outside (outside)")
    expect(obstacle(proc { |list| list.each { outside + 1 } })).to eq("uses variables from outside (outside)")
    expect(obstacle(proc { outside = 2 })).to eq("uses variables from outside (outside)")
  end

  it "says of a block that it yields, or calls super (contract 21.6)" do
    expect(obstacle(method(:yielding_block).unbind.bind_call(self) { 1 })).to eq("yields")
    expect(obstacle(Class.new { def x = proc { super() } }.new.x)).to eq("calls super")
  end

  def yielding_block = proc { yield }

  it "says of a block that it uses a class variable (contract 21.6)" do
    holder = Class.new.class_eval("proc { @@x }; ", __FILE__, __LINE__)
    expect(obstacle(holder)).to eq("uses the class variable @@x")
  end

  it "lets calls go that the stand-in knows" do
    expect(obstacle(proc { |n| [n].each { |x| emit x } }, known: [:emit])).to be_nil
    expect(obstacle(proc { |n| emit self, n }, known: [:emit])).to eq("uses self")
  end

  it "lets a block print as long as nobody has replaced $stdout (contract 21.6)" do
    block = proc { puts "text" }
    expect($stdout).to equal(STDOUT)
    expect(obstacle(block)).to be_nil
    reason = nil
    expect { reason = obstacle(block) }.not_to output.to_stdout
    expect(reason).to eq("prints, and $stdout is not the one of the process")
  end

  it "gives each Ractor a copy that leaves the block as it was" do
    block = proc { |text| text =~ /(\d+)/ && $1 }
    copies = Array.new(2) { described_class.copy(block) }
    expect(copies.uniq(&:object_id).size).to eq(2)
    expect(copies.map { |copy| copy.call("a1") }).to eq(%w[1 1])
    expect(Ractor.shareable?(block)).to be(false)
  end

  it "says that there are no Ractors where there are none" do
    expect(described_class.unavailable).to be_nil
    hide_const("Ractor")
    expect(described_class.unavailable).to eq("this Ruby has no Ractors")
  end

  it "says so where a block cannot be isolated or its code cannot be read" do
    allow(Minigun::Execution::BlockScan).to receive(:available?).and_return(false)
    expect(described_class.unavailable).to eq("this Ruby cannot isolate a block")
  end
end
# rubocop:enable Lint/UnreachableLoop, Style/PerlBackrefs, Style/RedundantConstantBase, Style/GlobalVars
# rubocop:enable Style/RedundantSelf, Style/RedundantFormat, Style/Alias, RSpec/Output, Style/GlobalStdStream
