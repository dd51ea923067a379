# frozen_string_literal: true

require "tempfile"
require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "stage hooks, advanced" do
  before { allow(Minigun.logger).to receive(:info) }

  let(:base) do
    Class.new do
      include Minigun::DSL

      attr_reader :events, :results, :counter, :timings

      def initialize
        @events = []
        @results = []
        @counter = 0
        @timings = {}
        @mutex = Mutex.new
        @file = Tempfile.new("advanced").tap(&:close)
      end

      def append(text)
        File.open(@file.path, "a") do |file|
          file.flock(File::LOCK_EX)
          file.puts(text)
        end
      end

      def appended
        File.readlines(@file.path, chomp: true)
      end
    end
  end

  def run_with(&block)
    Class.new(base) { pipeline(&block) }.new.tap(&:run)
  end

  it "count items and act on some (contract 10.1)" do
    job = run_with do
      before(:work) do
        @counter += 1
        events << "checkpoint #{@counter}" if [5, 10].include?(@counter)
      end

      producer(:source) { 10.times { |n| emit(n) } }
      processor(:work) { |n| emit(n) }
      consumer(:sink) { |n| results << n }
    end
    expect(job.counter).to eq(10)
    expect(job.events).to eq(["checkpoint 5", "checkpoint 10"])
  end

  it "count around a producer on the instance itself (contract 3.5)" do
    job = run_with do
      before(:source) { @counter += 1 }
      after(:source) { @counter += 10 }

      producer(:source) { emit(1) }
      consumer(:sink) { |n| results << n }
    end
    expect(job.counter).to eq(11)
  end

  it "run once an item in each branch (contract 10.5)" do
    job = run_with do
      producer(:source, to: %i[left right]) { 2.times { |n| emit(n) } }
      %i[left right].each do |name|
        before(name) { @mutex.synchronize { events << :"before_#{name}" } }
        after(name) { @mutex.synchronize { events << :"after_#{name}" } }

        processor(name, to: :sink) { |n| emit([name, n]) }
      end
      consumer(:sink) { |pair| @mutex.synchronize { results << pair } }
    end
    expect(job.events.tally).to eq(before_left: 2, after_left: 2, before_right: 2, after_right: 2)
    expect(job.results).to match_array(%i[left right].product([0, 1]))
  end

  it "measure the time of each item (contract 10.1)" do
    job = run_with do
      before(:work) { @started = Process.clock_gettime(Process::CLOCK_MONOTONIC) }
      after(:work) { (timings[:work] ||= []) << (Process.clock_gettime(Process::CLOCK_MONOTONIC) - @started) }

      producer(:source) { 4.times { |n| emit(n) } }
      processor(:work) { |n| emit(n) }
      consumer(:sink) { |n| results << n }
    end
    expect(job.timings[:work].size).to eq(4)
    expect(job.timings[:work]).to all(be >= 0)
  end

  it "open and close around items (contract 10.1)" do
    job = run_with do
      before(:sink) { @open = [] }

      after(:sink) do
        results << @open
        @open = nil
      end

      producer(:source) { 3.times { |n| emit(n) } }
      consumer(:sink) { |n| @open << n }
    end
    expect(job.results).to eq([[0], [1], [2]])
  end

  it "combine inline hooks, named hooks and hooks of the run (contract 4)" do
    job = run_with do
      before_run { events << :run }
      after_run { events << :ran }
      before(:work) { events << :named }

      producer(:source, before: -> { events << :source_opens }) { emit(1) }
      processor(:work, before: -> { events << :inline }, after: -> { events << :inline_after }) { |n| emit(n) }
      after(:work) { events << :named_after }

      consumer(:sink) { |n| results << n }
    end
    expect(job.events).to eq(%i[run source_opens named inline inline_after named_after ran])
  end

  it "hold for stages in a context block (contract 4)" do
    job = run_with do
      producer(:source) { 4.times { |n| emit(n) } }
      threads(1) do
        before(:work) { events << :before }

        processor(:work) { |n| emit(n) }
        after(:work) { events << :after }
      end
      consumer(:sink) { |n| results << n }
    end
    expect(job.events).to eq(%i[before after] * 4)
  end

  describe "around forks" do
    it "run in the parent, then in the child (contract 10.4)" do
      job = run_with do
        before_fork { events << [:parent, Process.pid] }
        after_fork { append("child #{Process.pid}") }
        producer(:source) { emit(1) }
        process_per_batch(max: 1) { consumer(:sink) { |_n| append("block #{Process.pid}") } }
      end
      child, block = job.appended
      expect(job.events).to include([:parent, Process.pid])
      expect(child.split.last).to eq(block.split.last)
      expect(child).not_to eq("child #{Process.pid}")
    end

    it "run for each fork (contract 10.4)" do
      job = run_with do
        before_fork { @counter += 1 }
        after_fork { append("forked") }
        producer(:source) { 6.times { |n| emit(n) } }
        accumulator :pairs, max_size: 2
        process_per_batch(max: 2) { consumer(:sink) { |pair| append("pair #{pair.inspect}") } }
      end
      expect(job.counter).to eq(3)
      expect(job.appended.count("forked")).to eq(3)
      expect(job.appended - ["forked"]).to contain_exactly("pair [0, 1]", "pair [2, 3]", "pair [4, 5]")
    end

    it "run for the stage they name only (contract 10.4)" do
      job = run_with do
        producer(:source, to: %i[one two]) { emit(1) }
        process_per_batch(max: 1) do
          before_fork(:one) { events << :for_one }
          after_fork(:two) { append("for two") }
          consumer(:one) { |_n| append("one") }
          consumer(:two) { |_n| append("two") }
        end
      end
      expect(job.events).to eq([:for_one])
      expect(job.appended).to contain_exactly("one", "for two", "two")
    end

    it "close in the parent what the child opens (contract 10.4)" do
      job = run_with do
        before_run { @connection = :of_the_parent }
        before_fork { @connection = nil }
        after_fork { @connection = :of_the_child }
        after_run { events << @connection }
        producer(:source) { emit(1) }
        process_per_batch(max: 1) { consumer(:sink) { |_n| append(@connection) } }
      end
      expect(job.appended).to eq(["of_the_child"])
      expect(job.events).to eq([nil])
    end

    it "are over when the last hook runs (contract 10.1)" do
      job = run_with do
        producer(:source) { 4.times { |n| emit(n) } }
        process_per_batch(max: 2) { consumer(:sink) { |n| append(n) } }
        after_run { results.concat(appended.map(&:to_i)) }
      end
      expect(job.results.sort).to eq([0, 1, 2, 3])
    end

    it "lock in the child what nobody holds (contract 10.4)" do
      job = run_with do
        producer(:source) { emit(1) }
        process_per_batch(max: 1) { consumer(:sink) { |n| @mutex.synchronize { append("locked #{n}") } } }
      end
      expect(job.appended).to eq(["locked 1"])
    end
  end

  it "raise in a consumer without ending the run (contract 10.7)" do
    job = run_with do
      before(:sink) { raise "closed" if (@counter += 1) == 2 }

      producer(:source) { 3.times { |n| emit(n) } }
      consumer(:sink) { |n| results << n }
    end
    expect(job.results).to eq([0, 2])
  end
end
