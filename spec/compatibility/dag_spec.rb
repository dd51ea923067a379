# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::DAG do
  let(:dag) { described_class.new }

  def chain(*names)
    names.each_cons(2) { |from, to| dag.add_edge(from, to) }
  end

  describe "#initialize" do
    it "is empty (contract 8)" do
      expect(dag.nodes).to eq([])
      expect(dag.edges).to be_empty
    end
  end

  describe "#add_node" do
    it "adds (contract 8)" do
      dag.add_node(:mill)
      expect(dag.nodes).to include(:mill)
    end

    it "keeps the order of insertion (contract 8)" do
      %i[oven mill shop].each { |name| dag.add_node(name) }
      expect(dag.nodes).to eq(%i[oven mill shop])
    end

    it "adds a name once (contract 8)" do
      2.times { dag.add_node(:mill) }
      expect(dag.nodes).to eq([:mill])
    end
  end

  describe "#add_edge" do
    it "connects (contract 8)" do
      dag.add_edge(:mill, :oven)
      expect(dag.downstream(:mill)).to eq([:oven])
      expect(dag.upstream(:oven)).to eq([:mill])
    end

    it "adds missing nodes (contract 8)" do
      dag.add_edge(:mill, :oven)
      expect(dag.nodes).to eq(%i[mill oven])
    end

    it "adds an edge once (contract 8)" do
      2.times { dag.add_edge(:mill, :oven) }
      expect(dag.downstream(:mill)).to eq([:oven])
      expect(dag.upstream(:oven)).to eq([:mill])
    end

    it "refuses an edge from a node to itself (contract 8)" do
      dag.add_node(:mill)
      expect { dag.add_edge(:mill, :mill) }.to raise_error(Minigun::Error, /Circular dependency/)
    end

    it "refuses the edge that closes a circle of two (contract 8)" do
      dag.add_edge(:mill, :oven)
      expect { dag.add_edge(:oven, :mill) }.to raise_error(Minigun::Error, /Circular dependency/)
    end

    it "refuses the edge that closes a longer circle (contract 8)" do
      chain(:a, :b, :c, :d)
      expect { dag.add_edge(:d, :b) }.to raise_error(Minigun::Error, /Circular dependency/)
    end

    it "stays as it was when it refuses (contract 8)" do
      chain(:a, :b)
      expect { dag.add_edge(:b, :a) }.to raise_error(Minigun::Error)
      expect(dag.downstream(:b)).to eq([])
    end
  end

  describe "neighbours" do
    before do
      dag.add_edge(:field, :mill)
      dag.add_edge(:field, :barn)
      dag.add_edge(:mill, :oven)
      dag.add_edge(:barn, :oven)
    end

    it "lists what is downstream (contract 8)" do
      expect(dag.downstream(:field)).to eq(%i[mill barn])
    end

    it "lists what is upstream (contract 8)" do
      expect(dag.upstream(:oven)).to eq(%i[mill barn])
    end

    it "has empty lists at the ends (contract 8)" do
      expect(dag.downstream(:oven)).to eq([])
      expect(dag.upstream(:field)).to eq([])
    end

    it "has empty lists for an unknown node (contract 8)" do
      expect(dag.downstream(:moon)).to eq([])
      expect(dag.upstream(:moon)).to eq([])
    end

    it "knows the ends (contract 8)" do
      expect(dag.terminal?(:oven)).to be true
      expect(dag.terminal?(:mill)).to be false
      expect(dag.source?(:field)).to be true
      expect(dag.source?(:barn)).to be false
    end

    it "lists sources and terminals (contract 8)" do
      dag.add_node(:alone)
      expect(dag.sources).to eq(%i[field alone])
      expect(dag.terminals).to eq(%i[oven alone])
    end

    it "knows siblings (contract 8)" do
      expect(dag.siblings(:mill)).to eq([:barn])
      expect(dag.fan_out_siblings?(:mill, :barn)).to be true
      dag.add_edge(:mill, :barn)
      expect(dag.fan_out_siblings?(:mill, :barn)).to be false
    end

    it "says which edge would close a circle (contract 8)" do
      expect(dag.would_create_cycle?(:oven, :field)).to be true
      expect(dag.would_create_cycle?(:field, :oven)).to be false
    end

    it "copies (contract 8)" do
      copy = dag.dup
      copy.add_edge(:oven, :shop)
      expect(copy.downstream(:oven)).to eq([:shop])
      expect(dag.downstream(:oven)).to eq([])
      expect(dag.nodes).not_to include(:shop)
    end
  end

  describe "#topological_sort" do
    it "is empty without nodes (contract 8)" do
      expect(dag.topological_sort).to eq([])
    end

    it "follows a chain (contract 8)" do
      %i[c b a].each { |name| dag.add_node(name) }
      chain(:a, :b, :c)
      expect(dag.topological_sort).to eq(%i[a b c])
    end

    it "puts both branches between the ends (contract 8)" do
      chain(:start, :left, :finish)
      chain(:start, :right, :finish)
      sorted = dag.topological_sort
      expect([sorted.first, sorted.last]).to eq(%i[start finish])
      expect(sorted[1, 2]).to contain_exactly(:left, :right)
    end
  end

  describe "#execution_groups" do
    it "puts together what depends on the same (contract 8)" do
      chain(:start, :left, :finish)
      chain(:start, :right, :finish)
      expect(dag.execution_groups).to match([[:start], contain_exactly(:left, :right), [:finish]])
    end

    it "has a group each for a chain (contract 8)" do
      chain(:a, :b, :c)
      expect(dag.execution_groups).to eq([[:a], [:b], [:c]])
    end

    it "has one group for nodes without edges (contract 8)" do
      %i[a b].each { |name| dag.add_node(name) }
      expect(dag.execution_groups).to eq([%i[a b]])
    end
  end

  describe "#validate!" do
    it "passes what is right (contract 8)" do
      chain(:a, :b, :c)
      expect { dag.validate! }.not_to raise_error
    end

    it "passes an empty graph (contract 8)" do
      expect { dag.validate! }.not_to raise_error
    end

    it "names a node that is missing (contract 8, 15)" do
      dag.add_node(:a)
      dag.instance_variable_get(:@edges)[:a] << :nowhere
      expect { dag.validate! }.to raise_error(Minigun::Error, /nowhere/)
    end

    it "finds a circle (contract 8, 15)" do
      chain(:a, :b)
      dag.instance_variable_get(:@edges)[:b] << :a
      expect { dag.validate! }.to raise_error(Minigun::Error, /ircular/)
    end
  end

  describe "sequences" do
    it "connects each node with the next (contract 8)" do
      %i[a b c].each { |name| dag.add_node(name) }
      dag.build_sequential!
      expect(%i[a b c].map { |name| dag.downstream(name) }).to eq([[:b], [:c], []])
    end

    it "needs two nodes to connect any (contract 8)" do
      dag.add_node(:a)
      expect { dag.build_sequential! }.not_to raise_error
      expect(dag.downstream(:a)).to eq([])
    end

    it "fills gaps only (contract 8)" do
      %i[a b c d].each { |name| dag.add_node(name) }
      dag.add_edge(:a, :c)
      dag.fill_sequential_gaps!
      expect(%i[a b c d].map { |name| dag.downstream(name) }).to eq([[:c], [:c], [:d], []])
    end
  end

  describe "#to_s" do
    it "says what it is (contract 8)" do
      chain(:a, :b)
      expect(dag.to_s).to include("DAG with")
    end

    it "shows targets behind an arrow (contract 8)" do
      dag.add_edge(:a, :b)
      dag.add_edge(:a, :c)
      expect(dag.to_s).to match(/a \u2192 .*b.*c/)
    end
  end
end
