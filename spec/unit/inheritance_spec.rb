# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::DSL do
  include Definitions

  describe "inheritance (contract 3.6)" do
    let(:parent) do
      dsl_class do
        max_threads 8
        pipeline do
          producer(:src) { emit(value) }
          consumer(:sink) { |x| x }
        end

        def value = 1
      end
    end

    it "gives a subclass a task, a root and a configuration of its own" do
      child = Class.new(parent)
      tasks = [parent, child].map(&:_minigun_task)
      expect(tasks.uniq.size).to eq(2)
      expect(tasks.map(&:root_pipeline).uniq.size).to eq(2)
      child.max_threads(3)
      expect(tasks.map { |task| task.config[:max_threads] }).to eq([8, 3])
    end

    it "copies values at the time of subclassing" do
      child = Class.new(parent)
      parent.max_threads(20)
      expect(child._minigun_task.config[:max_threads]).to eq(8)
    end

    it "shows no stages of unnamed blocks before a run" do
      child = Class.new(parent) { pipeline { consumer(:own) { |x| x } } }
      expect([parent, child].map { |klass| klass._minigun_task.stages[:src] }).to eq([nil, nil])
    end

    it "evaluates the parent's blocks first, over several levels" do
      child = Class.new(parent) { pipeline { consumer(:child) { |x| x } } }
      grandchild = Class.new(child) { pipeline { consumer(:grandchild) { |x| x } } }
      expect(root_of(grandchild.new).stage_order).to eq(%i[src sink child grandchild])
      expect(root_of(child.new).stage_order).to eq(%i[src sink child])
    end

    it "leaves parent and siblings alone, in any order" do
      one = Class.new(parent) { pipeline { consumer(:one) { |x| x } } }
      two = Class.new(parent) { pipeline { consumer(:two) { |x| x } } }
      orders = [two, parent, one, parent].map { |klass| root_of(klass.new).stage_order }
      expect(orders).to eq([%i[src sink two], %i[src sink], %i[src sink one], %i[src sink]])
    end

    it "does not see what the parent says later" do
      child = Class.new(parent)
      parent.pipeline { consumer(:late) { |x| x } }
      expect(root_of(child.new).stage_order).to eq(%i[src sink])
    end

    it "lets a child put a stage between two" do
      child = Class.new(parent) do
        pipeline do
          processor(:mid) { |x| emit(x) }
          reroute_stage(:src, to: :mid)
          reroute_stage(:mid, to: :sink)
        end
      end
      expect(edges_of(routed(root_of(child.new)))).to eq(src: [:mid], mid: [:sink])
      expect(edges_of(routed(root_of(parent.new)))).to eq(src: [:sink])
    end

    it "lets a child add hooks to inherited stages" do
      child = Class.new(parent) { pipeline { after(:src) { 1 } } }
      expect([parent, child].map { |klass| root_of(klass.new).stage_hooks(:after, :src).size }).to eq([0, 1])
    end

    it "lets a child replace a stage, which keeps its place" do
      child = Class.new(parent) { pipeline { producer(:src, before: -> {}) { emit(:mine) } } }
      root = root_of(child.new)
      expect(root.stage_order).to eq(%i[src sink])
      expect(root.stages[:src].execute_with_emit(child.new, nil)).to eq([:mine])
    end

    it "runs inherited blocks on the child, with its methods" do
      child = Class.new(parent) { def value = 2 }
      expect(root_of(child.new).stages[:src].execute_with_emit(child.new, nil)).to eq([2])
    end

    it "lets the NotImplementedError of an abstract method out of run (contract 10.7)" do
      abstract = dsl_class do
        pipeline { producer(:src) { emit(value) } }
        def value = raise(NotImplementedError, "value")
      end
      expect { Class.new(abstract).new.run }.to raise_error(NotImplementedError, "value")
    end

    it "keeps named pipelines of parent and child apart (quirk Q39)" do
      named = dsl_class { pipeline(:part) { producer(:x) { emit(1) } } }
      child = Class.new(named) do
        max_threads 2
        pipeline(:part) { consumer(:y) { |y| y } }
      end
      parts = [named, child].map { |klass| root_of(klass.new).stages[:part].pipeline }
      expect(parts.map { |part| part.stages.keys }).to eq([[:x], %i[x y]])
      expect(parts.map { |part| part.config[:max_threads] }).to eq([5, 2])
    end

    it "inherits what was added to the task by hand" do
      parent._minigun_task.add_stage(:producer, :by_hand) { emit(1) }
      child = Class.new(parent)
      expect(root_of(child.new).stage_order).to eq(%i[by_hand src sink])
    end

    it "does not mind a user's own inherited, with or without super (quirk Q40)" do
      seen = []
      polite = dsl_class do
        define_singleton_method(:inherited) do |subclass|
          seen << subclass
          super(subclass)
        end
        pipeline { producer(:src) { emit(1) } }
      end
      rude = dsl_class do
        define_singleton_method(:inherited) { |subclass| seen << subclass }
        pipeline { producer(:src) { emit(1) } }
      end
      children = [Class.new(polite), Class.new(rude)]
      expect(seen).to eq(children)
      expect(children.map { |child| root_of(child.new).stage_order }).to all(eq([:src]))
      expect(children.map(&:_minigun_task) & [polite, rude].map(&:_minigun_task)).to be_empty
    end

    it "keeps what is inherited when a subclass includes the DSL again, whatever `inherited` says (contract 3.7)" do
      rude = dsl_class do
        max_threads 9
        define_singleton_method(:inherited) { |_subclass| nil }
        pipeline { producer(:src) { emit(1) } }
      end
      child = Class.new(rude) do
        include Minigun::DSL

        pipeline { consumer(:sink) { |x| x } }
      end
      expect(root_of(child.new).stage_order).to eq(%i[src sink])
      expect(child._minigun_task.config[:max_threads]).to eq(9)
      expect(root_of(rude.new).stage_order).to eq(%i[src])
    end

    it "gives a copy of a class a definition of its own" do
      copies = [parent.dup, parent.clone]
      copies.each do |copy|
        copy.max_threads 17
        copy.pipeline { processor(:extra) { |x| x } }
      end
      expect(copies.map { |copy| root_of(copy.new).stage_order }).to all(eq(%i[src sink extra]))
      expect(root_of(parent.new).stage_order).to eq(%i[src sink])
      expect([parent, *copies].map { |klass| klass._minigun_task.config[:max_threads] }).to eq([8, 17, 17])
    end
  end
end
