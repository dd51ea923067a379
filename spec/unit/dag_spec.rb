# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::DAG do
  subject(:dag) { described_class.new }

  def join(*path)
    path.each_cons(2) { |from, to| dag.add_edge(from, to) }
  end

  describe "nodes and edges (contract 8)" do
    it "keeps nodes in insertion order, once each" do
      %i[b a b c a].each { |node| dag.add_node(node) }
      expect(dag.nodes).to eq(%i[b a c])
    end

    it "adds the missing nodes of an edge" do
      dag.add_edge(:a, :b)
      expect(dag.nodes).to eq(%i[a b])
    end

    it "ignores an edge that is there" do
      2.times { dag.add_edge(:a, :b) }
      expect(dag.downstream(:a)).to eq([:b])
      expect(dag.upstream(:b)).to eq([:a])
    end

    it "answers targets and parents in insertion order" do
      %i[z y x].each { |node| join(:a, node, :end) }
      expect(dag.downstream(:a)).to eq(%i[z y x])
      expect(dag.upstream(:end)).to eq(%i[z y x])
    end

    it "answers an empty Array for a node without edges and for one it does not know" do
      dag.add_node(:a)
      expect([dag.downstream(:a), dag.upstream(:a)]).to eq([[], []])
      expect([dag.downstream(:x), dag.upstream(:x)]).to eq([[], []])
    end

    it "creates nothing when asked for an unknown node (quirk Q44)" do
      dag.downstream(:x)
      dag.siblings(:x)
      dag.would_create_cycle?(:x, :y)
      expect(dag.nodes).to be_empty
      expect(dag.edges).to be_empty
    end

    it "hands out copies: changing an answer changes no edge" do
      dag.add_edge(:a, :b)
      dag.downstream(:a) << :c
      expect(dag.downstream(:a)).to eq([:b])
    end

    it "takes away the outgoing edges of a node" do
      join(:a, :b, :c)
      dag.remove_edges_from(:a)
      expect(dag.downstream(:a)).to eq([])
      expect(dag.upstream(:b)).to eq([])
      expect(dag.downstream(:b)).to eq([:c])
    end
  end

  describe "cycles (contract 8)" do
    it "refuses an edge back, at once" do
      join(:a, :b, :c)
      expect { dag.add_edge(:c, :a) }.to raise_error(Minigun::Error, /Circular dependency.*:c.*:a/)
    end

    it "refuses an edge from a node to itself" do
      expect { dag.add_edge(:a, :a) }.to raise_error(Minigun::Error, /Circular dependency/)
    end

    it "lets a diamond through" do
      join(:a, :b, :d)
      join(:a, :c, :d)
      expect(dag.validate!).to be_nil
    end

    it "foresees them" do
      join(:a, :b)
      expect(dag.would_create_cycle?(:b, :a)).to be(true)
      expect(dag.would_create_cycle?(:a, :a)).to be(true)
      expect(dag.would_create_cycle?(:a, :c)).to be(false)
    end

    it "copes with a graph that is deeper than a stack" do
      join(*(0..20_000).map { |n| n })
      expect { dag.add_edge(20_000, 0) }.to raise_error(Minigun::Error, /Circular/)
    end
  end

  describe "ends (contract 8)" do
    before do
      join(:a, :b, :d)
      join(:c, :d)
      dag.add_node(:alone)
    end

    it "knows sources and terminals, in node order" do
      expect(dag.sources).to eq(%i[a c alone])
      expect(dag.terminals).to eq(%i[d alone])
    end

    it "answers exactly true and false" do
      expect([dag.source?(:a), dag.source?(:b)]).to eq([true, false])
      expect([dag.terminal?(:d), dag.terminal?(:b)]).to eq([true, false])
    end
  end

  describe "#topological_sort and #execution_groups (contract 8)" do
    it "puts sources first" do
      dag.add_node(:late)
      join(:a, :b, :late)
      join(:a, :c, :late)
      expect(dag.topological_sort).to eq(%i[a b c late])
      expect(dag.execution_groups).to eq([[:a], %i[b c], [:late]])
    end

    it "answers nothing for a cyclic graph" do
      join(:a, :b)
      dag.instance_variable_get(:@edges)[:b] << :a
      expect(dag.topological_sort).to eq([])
    end

    it "answers nothing for an empty one" do
      expect([dag.topological_sort, dag.execution_groups]).to eq([[], []])
    end
  end

  describe "#validate! (contracts 8 and 15)" do
    it "names the missing node of an edge that was pushed into @edges" do
      dag.add_node(:a)
      dag.instance_variable_get(:@edges)[:a] << :nowhere
      expect { dag.validate! }.to raise_error(Minigun::Error, /nowhere/)
    end

    it "finds a cycle that was pushed into @edges" do
      join(:a, :b)
      dag.instance_variable_get(:@edges)[:b] << :a
      expect { dag.validate! }.to raise_error(Minigun::Error, /Circular dependency/)
    end

    it "is content with an empty graph" do
      expect(dag.validate!).to be_nil
    end
  end

  describe "sequential building (contract 8)" do
    before { %i[a b c].each { |node| dag.add_node(node) } }

    it "joins every node to the next" do
      dag.build_sequential!
      expect(dag.edges).to eq(a: [:b], b: [:c], c: [])
    end

    it "fills only the gaps, siblings or not" do
      dag.add_edge(:a, :c)
      dag.fill_sequential_gaps!
      expect(dag.edges).to eq(a: [:c], b: [:c], c: [])
    end
  end

  describe "siblings (contract 8)" do
    before do
      join(:root, :left)
      join(:root, :right)
    end

    it "are the other children of a parent" do
      expect(dag.siblings(:left)).to eq([:right])
      expect(dag.siblings(:root)).to eq([])
    end

    it "are a fan-out until one leads to the other" do
      expect(dag.fan_out_siblings?(:left, :right)).to be(true)
      dag.add_edge(:right, :left)
      expect(dag.fan_out_siblings?(:left, :right)).to be(false)
      expect(dag.fan_out_siblings?(:root, :left)).to be(false)
    end
  end

  it "copies itself independently (contract 8)" do
    join(:a, :b)
    copy = dag.dup
    copy.add_edge(:b, :c)
    copy.remove_edges_from(:a)
    expect(dag.edges).to eq(a: [:b], b: [])
    expect(dag.upstream(:b)).to eq([:a])
  end

  it "draws itself with arrows (contract 8)" do
    join(:a, :b)
    dag.add_edge(:a, :c)
    expect(dag.to_s).to include("DAG with 3 nodes", "a \u2192 b, c")
  end
end
