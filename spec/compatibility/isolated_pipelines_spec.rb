# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "isolated pipelines" do
  let(:klass) do
    Class.new do
      include Minigun::DSL

      attr_reader :first, :second, :third

      def initialize
        @first = []
        @second = []
        @third = []
      end
    end
  end
  let(:root) { klass._minigun_task.root_pipeline }

  def run
    klass.new.tap(&:run)
  end

  it "pass nothing to each other (contract 3.3)" do
    klass.pipeline(:one) do
      producer(:numbers) { 3.times { |n| emit(n) } }
      consumer(:list) { |n| first << n }
    end
    klass.pipeline(:two) do
      producer(:words) { %w[a b].each { |word| emit(word) } }
      consumer(:list) { |word| second << word }
    end
    job = run
    expect([job.first, job.second]).to eq([[0, 1, 2], %w[a b]])
  end

  it "have no edges between them (contract 9)" do
    %i[one two three].each { |name| klass.pipeline(name) { producer(:"#{name}_source") { emit(name) } } }
    run
    expect(%i[one two three].map { |name| root.dag.downstream(name) }).to eq([[], [], []])
  end

  it "are stages with a pipeline, without an input (contract 3.3)" do
    klass.pipeline(:one) do
      producer(:numbers) { emit(1) }
      consumer(:list) { |n| first << n }
    end
    run
    expect(root.stages[:one]).to be_a(Minigun::PipelineStage)
    expect(root.stages[:one].pipeline.dag.nodes).not_to include(:_input)
    expect(root.stages[:one].pipeline.dag.nodes).to include(:numbers, :list)
  end

  it "run even when one fails (contract 10.7)" do
    klass.pipeline(:broken) do
      producer(:numbers) { raise "dry" }
      consumer(:list) { |n| first << n }
    end
    klass.pipeline(:sound) do
      producer(:numbers) { emit(1) }
      consumer(:list) { |n| second << n }
    end
    job = run
    expect([job.first, job.second]).to eq([[], [1]])
  end

  it "may stand beside a connected pair (contract 3.3, 9)" do
    klass.pipeline(:source, to: :sink) { producer(:numbers) { emit(1) } }
    klass.pipeline(:sink) { consumer(:list) { |n| first << n } }
    klass.pipeline(:alone) do
      producer(:numbers) { emit(2) }
      consumer(:list) { |n| second << n }
    end
    job = run
    expect([job.first, job.second]).to eq([[1], [2]])
  end

  it "are not isolated when they stand in a block (contract 3.3)" do
    klass.pipeline do
      producer(:numbers) { 2.times { |n| emit(n) } }
      pipeline(:inner) { processor(:scale) { |n| emit(n * 10) } }
      consumer(:list) { |n| first << n }
    end
    job = run
    expect(job.first).to contain_exactly(0, 10)
    expect(root.stages[:inner]).to be_a(Minigun::PipelineStage)
  end

  it "run at the same time (contract 10.6)" do
    gates = [Queue.new, Queue.new]
    klass.pipeline(:one) do
      producer(:numbers) { (gates[0] << 1) && emit(gates[1].pop) }
      consumer(:list) { |n| first << n }
    end
    klass.pipeline(:two) do
      producer(:numbers) { (gates[1] << 2) && emit(gates[0].pop) }
      consumer(:list) { |n| second << n }
    end
    job = run
    expect([job.first, job.second]).to eq([[2], [1]])
  end
end
