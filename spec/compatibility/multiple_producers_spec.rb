# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "with several producers" do
  let(:klass) do
    Class.new do
      include Minigun::DSL

      attr_reader :results, :seen

      def initialize
        @results = []
        @seen = []
        @mutex = Mutex.new
      end
    end
  end
  let(:root) { klass._minigun_task.root_pipeline }

  def run(&block)
    klass.pipeline(&block)
    klass.new.tap(&:run)
  end

  it "gives everything to the next stage (contract 9)" do
    job = run do
      producer(:low) { 3.times { |n| emit(n) } }
      producer(:high) { 3.times { |n| emit(n + 100) } }
      consumer(:sink) { |n| @mutex.synchronize { results << n } }
    end
    expect(job.results).to contain_exactly(0, 1, 2, 100, 101, 102)
  end

  it "goes on with a chain (contract 9)" do
    job = run do
      3.times { |number| producer(:"source_#{number}") { 2.times { |n| emit([number, n]) } } }
      processor(:flat) { |number, n| emit((number * 10) + n) }
      consumer(:sink) { |n| @mutex.synchronize { results << n } }
    end
    expect(job.results.sort).to eq([0, 1, 10, 11, 20, 21])
  end

  it "counts each on its own (contract 12)" do
    run do
      producer(:ten) { 10.times { |n| emit(n) } }
      producer(:five) { 5.times { |n| emit(n) } }
      consumer(:sink) { |n| @mutex.synchronize { results << n } }
    end
    stats = root.stats
    expect(stats.stage_stats[:ten].items_produced).to eq(10)
    expect(stats.stage_stats[:five].items_produced).to eq(5)
    expect(stats.total_produced).to eq(15)
    expect(stats.stage_stats[:sink].items_consumed).to eq(15)
  end

  it "routes each on its own (contract 9)" do
    job = run do
      producer(:one, to: :left) { emit(1) }
      producer(:two, to: :right) { emit(2) }
      consumer(:left) { |n| results << n }
      consumer(:right) { |n| seen << n }
    end
    expect([job.results, job.seen]).to eq([[1], [2]])
  end

  it "routes one to two stages (contract 9)" do
    job = run do
      producer(:one, to: %i[left right]) { emit(1) }
      producer(:two, to: :right) { emit(2) }
      consumer(:left) { |n| results << n }
      consumer(:right) { |n| seen << n }
    end
    expect(job.results).to eq([1])
    expect(job.seen).to contain_exactly(1, 2)
  end

  it "goes on when one fails (contract 10.7)" do
    job = run do
      producer(:broken) { raise "dry" }
      producer(:sound) { 3.times { |n| emit(n) } }
      consumer(:sink) { |n| results << n }
    end
    expect(job.results).to eq([0, 1, 2])
  end

  it "works off what one has emitted before it failed (contract 10.7)" do
    job = run do
      producer :broken do
        emit(:before)
        raise "dry"
      end
      producer(:sound) { emit(:other) }
      consumer(:sink) { |item| results << item }
    end
    expect(job.results).to contain_exactly(:before, :other)
  end

  it "runs them at the same time (contract 10.1)" do
    gates = [Queue.new, Queue.new]
    job = run do
      producer(:one) { (gates[0] << :one) && emit(gates[1].pop) }
      producer(:two) { (gates[1] << :two) && emit(gates[0].pop) }
      consumer(:sink) { |item| results << item }
    end
    expect(job.results).to contain_exactly(:one, :two)
  end

  it "runs them while stages work (contract 10.1)" do
    gate = Queue.new
    job = run do
      producer :source do
        emit(:first)
        emit(gate.pop)
      end
      consumer(:sink) { |item| (results << item) && (gate << :second if item == :first) }
    end
    expect(job.results).to eq(%i[first second])
  end

  it "returns the sum (contract 10.9)" do
    klass.pipeline do
      producer(:ten) { 10.times { |n| emit(n) } }
      producer(:five) { 5.times { |n| emit(n) } }
      consumer(:sink) { |n| n }
    end
    expect(klass.new.run).to eq(15)
  end

  it "keeps later producers out of earlier stages (contract 9)" do
    job = run do
      producer(:one) { emit(1) }
      processor(:work) { |n| emit(n * 10) }
      producer(:two) { emit(2) }
      consumer(:sink) { |n| @mutex.synchronize { results << n } }
    end
    expect(job.results).to include(2)
    expect(job.results).not_to include(20)
    expect(job.results.count(2)).to eq(1)
  end
end
