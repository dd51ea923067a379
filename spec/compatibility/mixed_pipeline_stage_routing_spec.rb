# frozen_string_literal: true

require_relative "compatibility_helper"

# Stages and pipelines, one or many, in front and behind, connected by to: or from:.
RSpec.describe Minigun::DSL, "routes between stages and pipelines" do
  def run_class(&block)
    Class.new do
      include Minigun::DSL

      attr_reader :results, :others, :seen

      def initialize
        @results = []
        @others = []
        @seen = []
        @mutex = Mutex.new
      end

      def keep(list, item) = @mutex.synchronize { list << item }

      class_eval(&block)
    end.new.tap(&:run)
  end

  describe "stage to stage" do
    it "one to one (contract 9)" do
      job = run_class do
        pipeline do
          producer(:source, to: :sink) { 3.times { |n| emit(n) } }
          consumer(:sink) { |n| keep(results, n) }
        end
      end
      expect(job.results).to contain_exactly(0, 1, 2)
    end

    it "one to many; a branch that leads nowhere does no harm (contract 9, 10.2)" do
      job = run_class do
        pipeline do
          producer(:source, to: %i[one two]) { 3.times { |n| emit(n) } }
          processor(:one) { |n| keep(seen, n) && emit(n) }
          processor(:two) { |n| emit(n + 10) }
          consumer(:sink) { |n| keep(results, n) }
        end
      end
      expect(job.seen).to contain_exactly(0, 1, 2)
      expect(job.results).to contain_exactly(10, 11, 12)
    end

    it "many to one (contract 9)" do
      job = run_class do
        pipeline do
          producer(:one, to: :sink) { 2.times { |n| emit(n) } }
          producer(:two, to: :sink) { 2.times { |n| emit(n + 10) } }
          consumer(:sink) { |n| keep(results, n) }
        end
      end
      expect(job.results).to contain_exactly(0, 1, 10, 11)
    end

    it "many from many (contract 9)" do
      job = run_class do
        pipeline do
          producer(:one) { emit(1) }
          producer(:two) { emit(2) }
          consumer(:left, from: %i[one two]) { |n| keep(results, n) }
          consumer(:right, from: %i[one two]) { |n| keep(others, n) }
        end
      end
      expect(job.results).to contain_exactly(1, 2)
      expect(job.others).to contain_exactly(1, 2)
    end
  end

  describe "pipeline to pipeline" do
    it "one to one (contract 10.6)" do
      job = run_class do
        pipeline(:source, to: :sink) do
          producer(:numbers) { 3.times { |n| emit(n) } }
          consumer(:forward) { |n| emit(n) }
        end
        pipeline(:sink) { consumer(:list) { |n| keep(results, n) } }
      end
      expect(job.results).to contain_exactly(0, 1, 2)
    end

    it "one to many (contract 10.6)" do
      job = run_class do
        pipeline(:source, to: %i[left right]) { producer(:numbers) { 3.times { |n| emit(n) } } }
        pipeline(:left) { consumer(:list) { |n| keep(results, n) } }
        pipeline(:right) { consumer(:list) { |n| keep(others, n * 2) } }
      end
      expect(job.results).to contain_exactly(0, 1, 2)
      expect(job.others).to contain_exactly(0, 2, 4)
    end

    it "many to one (contract 10.6)" do
      job = run_class do
        pipeline(:one, to: :sink) { producer(:numbers) { 2.times { |n| emit(n) } } }
        pipeline(:two, to: :sink) { producer(:numbers) { 2.times { |n| emit(n + 10) } } }
        pipeline(:sink) { consumer(:list) { |n| keep(results, n) } }
      end
      expect(job.results).to contain_exactly(0, 1, 10, 11)
    end

    it "many from one (contract 10.6)" do
      job = run_class do
        pipeline(:source) { producer(:numbers) { 2.times { |n| emit(n) } } }
        pipeline(:left, from: :source) { consumer(:list) { |n| keep(results, n) } }
        pipeline(:right, from: :source) { consumer(:list) { |n| keep(others, n) } }
      end
      expect(job.results).to contain_exactly(0, 1)
      expect(job.others).to contain_exactly(0, 1)
    end
  end

  describe "stage to pipeline" do
    it "one to one (contract 3.3, 9)" do
      job = run_class do
        pipeline(:sink) { consumer(:list) { |n| keep(results, n) } }
        pipeline { producer(:source, to: :sink) { 3.times { |n| emit(n) } } }
      end
      expect(job.results).to contain_exactly(0, 1, 2)
    end

    it "one to many, through a stage (contract 3.3, 9)" do
      job = run_class do
        pipeline(:left) { consumer(:list) { |n| keep(results, n) } }
        pipeline(:right) { consumer(:list) { |n| keep(others, n) } }
        pipeline do
          producer(:source) { 2.times { |n| emit(n) } }
          processor(:work, to: %i[left right]) { |n| emit(n + 1) }
        end
      end
      expect(job.results).to contain_exactly(1, 2)
      expect(job.others).to contain_exactly(1, 2)
    end

    it "many to one (contract 3.3, 9)" do
      job = run_class do
        pipeline(:sink) { consumer(:list) { |n| keep(results, n) } }
        pipeline do
          producer(:one, to: :sink) { emit(1) }
          producer(:two, to: :sink) { emit(2) }
        end
      end
      expect(job.results).to contain_exactly(1, 2)
    end

    it "many from one: pipelines that name a stage defined later (contract 3.3, 9)" do
      job = run_class do
        pipeline(:left, from: :work) { consumer(:list) { |n| keep(results, n) } }
        pipeline(:right, from: :work) { consumer(:list) { |n| keep(others, n) } }
        pipeline do
          producer(:source) { 3.times { |n| emit(n) } }
          processor(:work) { |n| emit(n * 10) }
        end
      end
      expect(job.results).to contain_exactly(0, 10, 20)
      expect(job.others).to contain_exactly(0, 10, 20)
    end
  end

  describe "pipeline to stage" do
    it "one to one (contract 3.3, 9)" do
      job = run_class do
        pipeline(:source, to: :sink) { producer(:numbers) { 3.times { |n| emit(n) } } }
        pipeline { consumer(:sink) { |n| keep(results, n) } }
      end
      expect(job.results).to contain_exactly(0, 1, 2)
    end

    it "one to many; the first leads to the second by default and may emit (contract 9, 10.2)" do
      job = run_class do
        pipeline(:source, to: %i[left right]) { producer(:numbers) { 3.times { |n| emit(n) } } }
        pipeline do
          processor(:left) { |n| keep(seen, n) && emit(n) }
          processor(:right) { |n| keep(others, n) && emit(n) }
        end
      end
      expect(job.seen).to contain_exactly(0, 1, 2)
      expect(job.others).to contain_exactly(0, 1, 2)
    end

    it "many to one (contract 3.3, 9)" do
      job = run_class do
        pipeline(:one, to: :sink) { producer(:numbers) { emit(1) } }
        pipeline(:two, to: :sink) { producer(:numbers) { emit(2) } }
        pipeline { consumer(:sink) { |n| keep(results, n) } }
      end
      expect(job.results).to contain_exactly(1, 2)
    end

    it "one from many (contract 3.3, 9)" do
      job = run_class do
        pipeline(:one) { producer(:numbers) { emit(1) } }
        pipeline(:two) { producer(:numbers) { emit(2) } }
        pipeline { consumer(:sink, from: %i[one two]) { |n| keep(results, n) } }
      end
      expect(job.results).to contain_exactly(1, 2)
    end
  end

  describe "edges" do
    def edges_of_class(&block)
      klass = run_class(&block).class
      dag = klass._minigun_task.root_pipeline.dag
      dag.nodes.to_h { |name| [name, dag.downstream(name)] }
    end

    it "leave a fed pipeline terminal where an edge would close a circle (contract 9)" do
      edges = edges_of_class do
        pipeline(:sink) { consumer(:list) { |n| keep(results, n) } }
        pipeline do
          producer(:source) { emit(1) }
          processor(:work, to: :sink) { |n| emit(n) }
        end
      end
      expect(edges).to eq(sink: [], source: [:work], work: [:sink])
    end

    it "go on from a pipeline's stage by order (contract 9)" do
      edges = edges_of_class do
        pipeline(:source, to: :work) { producer(:numbers) { emit(1) } }
        pipeline do
          processor(:work) { |n| emit(n) }
          consumer(:sink) { |n| keep(results, n) }
        end
      end
      expect(edges).to eq(source: [:work], work: [:sink], sink: [])
    end
  end
end
