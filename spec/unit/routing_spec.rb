# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Routing do
  # Builds a pipeline from "name: to/from" words, routes it and answers all edges. The first letter
  # says what a name is: p a producer, n a pipeline, anything else a processor.
  def route(**stages)
    pipeline = Minigun::Pipeline.new(:shape)
    stages.each { |name, options| define(pipeline, name, options || {}) }
    yield pipeline if block_given?
    pipeline.send(:build_dag_routing!)
    pipeline.dag.edges.reject { |_node, targets| targets.empty? }
  end

  def define(pipeline, name, options)
    case name[0]
    when "p" then pipeline.add_stage(:producer, name, options) { emit(1) }
    when "n" then pipeline.add_pipeline(name, options)
    else pipeline.add_stage(:processor, name, options) { |x| emit(x) }
    end
  end

  describe "the table of shapes (contract 9)" do
    it "P, s1, s2, s3: a chain" do
      expect(route(p: nil, s1: nil, s2: nil, s3: nil)).to eq(p: [:s1], s1: [:s2], s2: [:s3])
    end

    it "P to [s1, s2], s1 to s3, s2, s4 to s3, s3: only s2 to s4 is added" do
      edges = route(p: { to: %i[s1 s2] }, s1: { to: :s3 }, s2: nil, s4: { to: :s3 }, s3: nil)
      expect(edges).to eq(p: %i[s1 s2], s1: [:s3], s2: [:s4], s4: [:s3])
    end

    it "P to [s1, s2], s1, s2, s3: s2 to s3 is added, s1 is terminal" do
      expect(route(p: { to: %i[s1 s2] }, s1: nil, s2: nil, s3: nil)).to eq(p: %i[s1 s2], s2: [:s3])
    end

    it "P1, P2, s: both feed s" do
      expect(route(p1: nil, p2: nil, s: nil)).to eq(p1: [:s], p2: [:s])
    end

    it "P1, s1, P2, s2: s1 goes on to s2, never into a producer (contract 20, quirk Q24)" do
      expect(route(p1: nil, s1: nil, p2: nil, s2: nil)).to eq(p1: [:s1], s1: [:s2], p2: [:s2])
    end

    it "N to s1, s1, s2: a chain" do
      expect(route(n: { to: :s1 }, s1: nil, s2: nil)).to eq(n: [:s1], s1: [:s2])
    end

    it "N, P, s1 to N: N stays terminal" do
      expect(route(n: nil, p: nil, s1: { to: :n })).to eq(p: [:s1], s1: [:n])
    end

    it "N1 from s1, N2 from s1, P, s1: a fan-out into pipelines" do
      expect(route(n1: { from: :s1 }, n2: { from: :s1 }, p: nil, s1: nil)).to eq(p: [:s1], s1: %i[n1 n2])
    end

    it "N1, N2, N3: no edges" do
      expect(route(n1: nil, n2: nil, n3: nil)).to eq({})
    end
  end

  describe "the rules in prose (contract 9)" do
    it "lets several producers in a row feed the same stage (rule 2)" do
      expect(route(p1: nil, p2: nil, p3: nil, n: nil, s: nil)).to eq(p1: [:n], p2: [:n], p3: [:n], n: [:s])
    end

    it "gives a producer with an explicit target no other (rule 2)" do
      expect(route(p: { to: :s2 }, s1: nil, s2: nil)).to eq(p: [:s2], s1: [:s2])
    end

    it "leaves a producer that comes last alone (facts)" do
      expect(route(s: nil, p: nil)).to eq({})
    end

    it "leaves producers with nothing behind them alone" do
      expect(route(p1: nil, p2: nil)).to eq({})
    end

    it "counts a from: as an outgoing edge of its source (facts)" do
      expect(route(p: nil, s1: nil, s2: { from: :p })).to eq(p: [:s2], s1: [:s2])
    end

    it "takes to: and from: on both ends of one edge (facts)" do
      expect(route(p: { to: :s }, s: { from: :p })).to eq(p: [:s])
    end

    it "joins a source to a stage and to that stage's consumer (facts)" do
      expect(route(p: nil, s1: { from: :p }, s2: { from: %i[p s1] })).to eq(p: %i[s1 s2], s1: [:s2])
    end

    it "chains two consumers in a row (facts)" do
      expect(route(p: nil, consumer_a: nil, consumer_b: nil)).to eq(p: [:consumer_a], consumer_a: [:consumer_b])
    end

    it "keeps pipelines in a row apart (rule 3b)" do
      expect(route(n1: nil, n2: nil, s: nil)).to eq(n2: [:s])
    end

    it "keeps pipelines apart that have only a producer between them (rule 3b)" do
      expect(route(n1: nil, p: nil, n2: nil)).to eq(p: [:n2])
    end

    it "joins fan-out siblings that are joined already no further (rule 3c)" do
      expect(route(p: { to: %i[s1 s2] }, s1: { to: :s2 }, s2: nil)).to eq(p: %i[s1 s2], s1: [:s2])
    end

    it "connects a second branch whose sibling goes to the next stage (contract 20, quirk Q47)" do
      edges = route(p: { to: %i[s1 s2] }, s1: { to: :s3 }, s2: nil, s3: nil)
      expect(edges).to eq(p: %i[s1 s2], s1: [:s3], s2: [:s3])
    end

    it "skips an edge that would close a cycle, silently (rule 3e)" do
      expect(route(s1: nil, s2: { to: :s1 }, p: { to: :s2 })).to eq(s2: [:s1], p: [:s2])
    end

    it "leaves the last stage terminal after a stage was put before it (contract 3.6)" do
      edges = route(p: nil, s_sink: nil, s_mid: nil) do |pipeline|
        pipeline.reroute_stage(:p, to: :s_mid)
        pipeline.reroute_stage(:s_mid, to: :s_sink)
      end
      expect(edges).to eq(p: [:s_mid], s_mid: [:s_sink])
    end

    it "still joins a stage that was skipped (contract 3.6)" do
      edges = route(p: nil, s_mid: nil, s_sink: nil) { |pipeline| pipeline.reroute_stage(:p, to: :s_sink) }
      expect(edges).to eq(p: [:s_sink], s_mid: [:s_sink])
    end

    it "sees edges that were added earlier in the walk (rule 3)" do
      edges = route(p: nil, s1: nil, s2: nil, s3: { from: :p })
      expect(edges).to eq(p: [:s3], s1: [:s2], s2: [:s3])
    end

    it "takes a diamond as it is written" do
      edges = route(p: { to: %i[s1 s2] }, s1: { to: :s3 }, s2: { to: :s3 }, s3: nil)
      expect(edges).to eq(p: %i[s1 s2], s1: [:s3], s2: [:s3])
    end
  end

  describe "a stage before a producer (contract 20)" do
    it "goes on to the next stage that takes items" do
      expect(route(p1: nil, s1: nil, p2: nil, p3: nil, s2: nil)[:s1]).to eq([:s2])
    end

    it "is terminal when there is none" do
      expect(route(p1: nil, s1: nil, p2: nil)).to eq(p1: [:s1])
    end

    it "is terminal when the producer feeds this very stage: what follows is another branch" do
      expect(route(n: { from: :p }, p: nil, s: nil)).to eq(p: [:n])
    end
  end

  it "never routes into a producer, whatever the order (quirk Q24)" do
    %i[p1 p2 s1 s2 n1].permutation do |order|
      edges = route(**order.to_h { |name| [name, nil] })
      expect(edges.values.flatten & %i[p1 p2]).to be_empty
    end
  end

  it "changes nothing when it is applied again (contract 6)" do
    pipeline = nil
    first = route(p: { to: %i[s1 s2] }, s1: nil, s2: nil, s3: nil) { |made| pipeline = made }
    pipeline.send(:build_dag_routing!)
    expect(pipeline.dag.edges.reject { |_node, targets| targets.empty? }).to eq(first)
  end

  it "is not upset by a stage that is defined twice (contract 3.7)" do
    edges = route(p: nil, s1: nil, s2: nil) do |pipeline|
      %i[p s1 s2].each { |name| define(pipeline, name, {}) }
      pipeline.stage_order.push(:p, :s1, :s2)
    end
    expect(edges).to eq(p: [:s1], s1: [:s2])
  end

  describe "an input queue (contract 6)" do
    it "is a node before the first stage that is no producer" do
      edges = route(p: nil, s1: nil, s2: nil) { |pipeline| pipeline.input_queue = Queue.new }
      expect(edges).to eq(p: [:s1], s1: [:s2], _input: [:s1])
    end

    it "leaves no node when there is none (contract 3.3)" do
      pipeline = nil
      route(p: nil, s: nil) { |made| pipeline = made }
      expect(pipeline.dag.nodes).to eq(%i[p s])
    end
  end

  describe "names that are no stage (contracts 9.4 and 10.7)" do
    it "raises, with the name and the nearest one" do
      expect { route(p: { to: :lode }, load: nil) }
        .to raise_error(Minigun::Error, /Pipeline:shape.*:lode.*Did you mean :load\?/)
    end

    it "raises for the source of a from:" do
      expect { route(s: { from: :nowhere }) }.to raise_error(Minigun::Error, /nowhere/)
    end

    it "raises for a rerouted stage" do
      expect { route(s: nil) { |pipeline| pipeline.reroute_stage(:nowhere, to: :s) } }
        .to raise_error(Minigun::Error, /nowhere/)
    end

    it "raises for an inner pipeline too (contract 20)" do
      expect do
        route(n: nil) { |pipeline| define(pipeline.stages[:n].pipeline, :p, { to: :nowhere }) }
      end.to raise_error(Minigun::Error, /Pipeline:n.*nowhere/)
    end

    it "raises for a hook" do
      expect { route(s: nil) { |pipeline| pipeline.add_stage_hook(:before, :sss) { 1 } } }
        .to raise_error(Minigun::Error, /before hook.*:sss/)
    end

    it "warns about a hook for a stage of an inner pipeline" do
      route(n: nil) do |pipeline|
        define(pipeline.stages[:n].pipeline, :deep_one, {})
        pipeline.add_stage_hook(:after, :deep_one) { 1 }
      end
      expect(log_output).to include(":deep_one", ":n")
    end

    it "warns about hooks around the items of a whole pipeline, which never run" do
      route(nested_one: nil) do |pipeline|
        define(pipeline.stages[:nested_one].pipeline, :s, {})
        pipeline.add_stage_hook(:before, :nested_one) { 1 }
        pipeline.add_stage_hook(:before_fork, :nested_one) { 1 }
      end
      expect(log_output.scan("hook of :nested_one").size).to eq(1)
      expect(log_output).to include("the before hook of :nested_one never runs")
    end
  end

  it "completes inner pipelines too" do
    pipeline = nil
    route(n: nil) do |made|
      pipeline = made
      %i[p s1 s2].each { |name| define(made.stages[:n].pipeline, name, {}) }
    end
    expect(pipeline.stages[:n].pipeline.dag.edges).to eq(p: [:s1], s1: [:s2], s2: [])
  end
end
