# frozen_string_literal: true

require "tempfile"
require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "#emit_to_stage" do
  def job_of(&block)
    Class.new do
      include Minigun::DSL

      attr_reader :results, :left, :right, :events

      def initialize
        @results = []
        @left = []
        @right = []
        @events = []
        @mutex = Mutex.new
        @turn = 0
      end

      class_eval(&block)
    end
  end

  def run_job_of(&block)
    job_of(&block).new.tap(&:run)
  end

  it "sends to one stage only (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) { 4.times { |n| emit(n) } }
        processor(:route) { |n| emit_to_stage(n.even? ? :left : :right, n) }
        consumer(:left) { |n| left << n }
        consumer(:right) { |n| right << n }
      end
    end
    expect(job.left).to eq([0, 2])
    expect(job.right).to eq([1, 3])
  end

  it "sends from a producer (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) do
          emit_to_stage(:right, :direct)
          emit(:usual)
        end
        consumer(:left) { |item| left << item }
        consumer(:right) { |item| right << item }
      end
    end
    expect([job.left, job.right]).to eq([[:usual], [:direct]])
  end

  it "sends to several stages (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) { emit(1) }
        processor :copy do |n|
          emit_to_stage(:left, n)
          emit_to_stage(:right, n * 10)
          emit_to_stage(:left, n + 1)
        end
        consumer(:left) { |n| left << n }
        consumer(:right) { |n| right << n }
      end
    end
    expect([job.left, job.right]).to eq([[1, 2], [10]])
  end

  it "mixes with emit (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) { 3.times { |n| emit(n) } }
        processor :route, to: :left do |n|
          emit(n)
          emit_to_stage(:right, n) if n == 1
        end
        consumer(:left) { |n| left << n }
        consumer(:right) { |n| right << n }
      end
    end
    expect([job.left, job.right]).to eq([[0, 1, 2], [1]])
  end

  it "goes past the graph, over stages between (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) { 4.times { |n| emit(n) } }
        processor(:sort) { |n| n > 1 ? emit_to_stage(:sink, n) : emit(n) }
        processor(:work) { |n| emit(n + 100) }
        consumer(:sink) { |n| results << n }
      end
    end
    expect(job.results).to contain_exactly(100, 101, 2, 3)
  end

  it "sends to a router that sends on (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) { 6.times { |n| emit(n) } }
        processor(:first) { |n| emit_to_stage(:second, n) }
        processor(:second) { |n| emit_to_stage((n % 3).zero? ? :left : :right, n) }
        consumer(:left) { |n| left << n }
        consumer(:right) { |n| right << n }
      end
    end
    expect([job.left, job.right]).to eq([[0, 3], [1, 2, 4, 5]])
  end

  it "sends back against the flow (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) { [1, 5, 9].each { |n| emit(n) } }
        processor(:grow) { |n| emit(n + 3) }
        processor(:check) { |n| n < 10 ? emit_to_stage(:grow, n) : emit(n) }
        consumer(:sink) { |n| results << n }
      end
    end
    expect(job.results).to contain_exactly(10, 11, 12)
  end

  it "drops what is sent to nowhere, and goes on (contract 10.2, 10.7)" do
    job = job_of do
      pipeline do
        producer(:source) { 3.times { |n| emit(n) } }
        processor(:route) { |n| emit_to_stage(n == 1 ? :nowhere : :sink, n) }
        consumer(:sink) { |n| results << n }
      end
    end.new
    expect { job.run }.not_to raise_error
    expect(job.results).to eq([0, 2])
    expect(log_output).to include("nowhere")
  end

  it "lets one stage deal in turn without a lock (contract 10.1)" do
    job = run_job_of do
      pipeline do
        producer(:source) { 10.times { |n| emit(n) } }
        processor :deal do |n|
          emit_to_stage(:"worker#{@turn % 3}", n)
          @turn += 1
        end
        3.times { |number| consumer(:"worker#{number}") { |n| results << [number, n] } }
      end
    end
    counts = job.results.map(&:first).tally
    expect(counts.values).to all(be_between(3, 4))
    expect(counts.values.sum).to eq(10)
  end

  it "lets one stage gather in batches without a lock, in order (contract 10.1)" do
    job = run_job_of do
      pipeline do
        producer(:source) { 12.times { |n| emit([n.even? ? :even : :odd, n]) } }
        processor :gather do |kind, n|
          @open ||= Hash.new { |hash, key| hash[key] = [] }
          @open[kind] << n
          emit_to_stage(:"take_#{kind}", @open.delete(kind)) if @open[kind].size == 3
        end
        consumer(:take_even) { |batch| left << batch }
        consumer(:take_odd) { |batch| right << batch }
      end
    end
    expect(job.left).to eq([[0, 2, 4], [6, 8, 10]])
    expect(job.right).to eq([[1, 3, 5], [7, 9, 11]])
  end

  it "keeps the order of a producer (contract 10.1)" do
    job = run_job_of do
      pipeline do
        producer(:source) { 50.times { |n| emit_to_stage(:sink, n) } }
        processor(:unused) { |n| emit(n) }
        consumer(:sink) { |n| results << n }
      end
    end
    expect(job.results).to eq((0...50).to_a)
  end

  it "gives a fan-out the first item first (contract 10.1)" do
    job = run_job_of do
      pipeline do
        producer(:source, to: %i[left right]) { %w[first second third].each { |word| emit(word) } }
        consumer(:left) { |word| left << word }
        consumer(:right) { |word| right << word }
      end
    end
    expect([job.left.first, job.right.first]).to eq(%w[first first])
    expect([job.left.size, job.right.size]).to eq([3, 3])
  end

  it "takes a Hash that looks like a target for an item (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) { emit({ item: 1, target: :right }) }
        consumer(:left) { |item| left << item }
        consumer(:right) { |item| right << item }
      end
    end
    expect([job.left, job.right]).to eq([[{ item: 1, target: :right }], []])
  end

  it "carries nil, false and Arrays (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) { [nil, false, [1, [2]], {}].each { |item| emit_to_stage(:sink, item) } }
        consumer(:left) { |item| left << item }
        consumer(:sink) { |item| results << item }
      end
    end
    expect(job.results).to eq([nil, false, [1, [2]], {}])
    expect(job.left).to be_empty
  end

  it "works from helper methods (contract 10.2)" do
    job = run_job_of do
      pipeline do
        producer(:source) { [1, -1].each { |n| emit(n) } }
        processor(:route) { |n| send_on(n) }
        consumer(:left) { |n| left << n }
        consumer(:right) { |n| right << n }
      end

      private

      def send_on(number)
        emit_to_stage(number.positive? ? :left : :right, number)
      end
    end
    expect([job.left, job.right]).to eq([[1], [-1]])
  end

  it "sends to consumers in threads (contract 10.2, 10.3)" do
    job = run_job_of do
      pipeline do
        producer(:source) { 20.times { |n| emit(n) } }
        processor(:route) { |n| emit_to_stage(n.even? ? :left : :right, n) }
        threads(3) { consumer(:left) { |n| @mutex.synchronize { left << n } } }
        thread_per_batch(max: 2) { consumer(:right) { |n| @mutex.synchronize { right << n } } }
      end
    end
    expect(job.left.sort).to eq((0...20).step(2).to_a)
    expect(job.right.sort).to eq((1...20).step(2).to_a)
  end

  it "sends to consumers in children (contract 10.2, 10.4)" do
    file = Tempfile.new("sent").tap(&:close)
    job = run_job_of do
      pipeline do
        before_run { events << :before_run }
        producer(:source) { 4.times { |n| emit(n) } }
        processor(:route) { |n| emit_to_stage(n.even? ? :forked : :plain, n) }
        process_per_batch(max: 2) do
          consumer :forked do |n|
            File.open(file.path, "a") do |io|
              io.flock(File::LOCK_EX)
              io.puts("#{Process.pid} #{n}")
            end
          end
        end
        consumer(:plain) { |n| results << n }
        after_run { events.concat(File.readlines(file.path).map { |line| line.split.map(&:to_i) }) }
      end
    end
    expect(job.results).to eq([1, 3])
    expect(job.events.count(:before_run)).to be >= 1
    lines = job.events - [:before_run]
    expect(lines.map(&:last).sort).to eq([0, 2])
    expect(lines.map(&:first)).not_to include(Process.pid)
  ensure
    file.unlink
  end

  describe "without a run" do
    def stage(&block)
      Minigun::AtomicStage.new(name: :step, block: block)
    end

    it "returns the item with its target (contract 7.2)" do
      expect(stage { |n| emit_to_stage(:shelf, n) }.execute_with_emit(Object.new, 3))
        .to eq([{ item: 3, target: :shelf }])
    end

    it "returns all in order (contract 7.2)" do
      step = stage { |n| 2.times { |i| emit_to_stage(:"shelf#{i}", n + i) } }
      expect(step.execute_with_emit(Object.new, 3))
        .to eq([{ item: 3, target: :shelf0 }, { item: 4, target: :shelf1 }])
    end

    it "returns plain items beside (contract 7.2)" do
      step = stage do |n|
        emit(n)
        emit_to_stage(:shelf, n)
      end
      expect(step.execute_with_emit(Object.new, 3)).to eq([3, { item: 3, target: :shelf }])
    end
  end
end
