# frozen_string_literal: true

require "tempfile"
require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "stage hooks" do
  before { allow(Minigun.logger).to receive(:info) }

  def job_of(&block)
    Class.new do
      include Minigun::DSL

      attr_reader :events, :results

      def initialize
        @events = []
        @results = []
        @mutex = Mutex.new
        @file = Tempfile.new("events").tap(&:close)
      end

      def note(event)
        File.write(@file.path, "#{event}\n", mode: "a")
      end

      def noted
        File.readlines(@file.path, chomp: true).map(&:to_sym)
      end

      def cleanup = @file.unlink

      class_eval(&block)
    end
  end

  def run_job_of(&block)
    @job = job_of(&block).new.tap(&:run)
  end

  # What stands before and after the one entry.
  def around_entry(entry)
    index = @job.events.index(entry)
    [@job.events[index - 1], @job.events[index + 1]]
  end

  after { @job&.cleanup }

  describe "with a name" do
    it "run around each item of a processor (contract 10.5)" do
      run_job_of do
        pipeline do
          before(:work) { events << :before }
          after(:work) { events << :after }

          producer(:source) { 3.times { |n| emit(n) } }
          processor(:work) { |n| (events << n) && emit(n) }
          consumer(:sink) { |n| results << n }
        end
      end
      expect(@job.events).to eq([:before, 0, :after, :before, 1, :after, :before, 2, :after])
    end

    it "run around each item of a consumer (contract 10.5)" do
      run_job_of do
        pipeline do
          producer(:source) { 2.times { |n| emit(n) } }
          consumer(:sink) { |n| events << n }
          before(:sink) { events << :open }
          after(:sink) { events << :close }
        end
      end
      expect(@job.events).to eq([:open, 0, :close, :open, 1, :close])
    end

    it "run once around a producer (contract 10.5)" do
      run_job_of do
        pipeline do
          before(:source) { events << :open }
          after(:source) { events << :close }

          producer :source do
            events << :source
            2.times { |n| emit(n) }
          end
          consumer(:sink) { |n| results << n }
        end
      end
      expect(@job.events).to eq(%i[open source close])
      expect(@job.results.size).to eq(2)
    end

    it "run for their stage only (contract 10.5)" do
      run_job_of do
        pipeline do
          before(:second) { events << :second }

          producer(:source) { emit(1) }
          processor(:first) { |n| (events << :first_block) && emit(n) }
          processor(:second) { |n| (events << :second_block) && emit(n) }
          consumer(:sink) { |n| results << n }
        end
      end
      expect(@job.events).to eq(%i[first_block second second_block])
    end

    it "run in the order of definition (contract 10.5)" do
      run_job_of do
        pipeline do
          3.times { |n| before(:sink) { events << n } }
          2.times { |n| after(:sink) { events << (n + 10) } }
          producer(:source) { emit(:item) }
          consumer(:sink) { |item| events << item }
        end
      end
      expect(@job.events).to eq([0, 1, 2, :item, 10, 11])
    end

    it "share variables with their item (contract 10.1)" do
      run_job_of do
        pipeline do
          before(:work) { @mark = rand }

          processor_block = proc { |n| (results << @mark) && emit(n) }
          producer(:source) { 5.times { |n| emit(n) } }
          processor(:work, {}, &processor_block)
          after(:work) { events << (@mark == results.last) }

          consumer(:sink) { |n| n }
        end
      end
      expect(@job.events).to eq([true] * 5)
    end

    it "run without any arguments (contract 4)" do
      no_arguments = -> { events << :strict }
      run_job_of do
        pipeline do
          before(:sink, &no_arguments)
          before_run(&no_arguments)
          producer(:source) { emit(1) }
          consumer(:sink) { |n| results << n }
        end
      end
      expect(@job.events).to eq(%i[strict strict])
    end
  end

  describe "in options" do
    it "run around the item (contract 4)" do
      run_job_of do
        pipeline do
          producer(:source) { emit(:item) }
          consumer :sink, before: -> { events << :before }, after: -> { events << :after } do |item|
            events << item
          end
        end
      end
      expect(@job.events).to eq(%i[before item after])
    end

    it "run around a producer (contract 4)" do
      run_job_of do
        pipeline do
          producer :source, before: -> { events << :before }, after: -> { events << :after } do
            events << :source
            emit(1)
          end
          consumer(:sink) { |n| results << n }
        end
      end
      expect(@job.events).to eq(%i[before source after])
    end

    it "run together with named ones (contract 4)" do
      run_job_of do
        pipeline do
          before(:sink) { events << :named_early }

          producer(:source) { emit(1) }
          consumer(:sink, before: -> { events << :inline }) { |n| results << n }
          before(:sink) { events << :named_late }
        end
      end
      expect(@job.events).to eq(%i[named_early inline named_late])
    end

    it "run around a fork (contract 4, 10.4)" do
      run_job_of do
        pipeline do
          producer(:source) { emit(1) }
          process_per_batch(max: 1) do
            consumer :sink, before_fork: -> { events << :parent }, after_fork: -> { note(:child) } do |n|
              note("got#{n}")
            end
          end
        end
      end
      expect(@job.events).to include(:parent)
      expect(@job.noted).to eq(%i[child got1])
    end
  end

  describe "neighbours" do
    it "have nothing between a producer's hooks and its block (contract 10.1)" do
      run_job_of do
        pipeline do
          before(:source) { events << :before_source }
          after(:source) { events << :after_source }

          producer :source do
            events << :source
            2.times { |n| emit(n) }
          end
          processor(:work) { |n| (events << :work) && emit(n) }
          consumer(:sink) { |_n| events << :sink }
        end
      end
      expect(around_entry(:source)).to eq(%i[before_source after_source])
    end

    it "have nothing between hooks and block of several producers (contract 10.1)" do
      run_job_of do
        pipeline do
          %i[one two].each do |name|
            before(name) { events << :"before_#{name}" }
            after(name) { events << :"after_#{name}" }

            producer(name) { (events << name) && emit(name) }
          end
          consumer(:sink) { |_n| events << :sink }
        end
      end
      expect(around_entry(:one)).to eq(%i[before_one after_one])
      expect(around_entry(:two)).to eq(%i[before_two after_two])
    end

    it "have two after hooks right behind the block (contract 10.1)" do
      run_job_of do
        pipeline do
          producer :source, after: -> { events << :after_one } do
            events << :source
            emit(1)
            emit(2)
          end
          after(:source) { events << :after_two }

          consumer(:sink) { |n| events << n }
        end
      end
      index = @job.events.index(:source)
      expect(@job.events[index + 1, 2]).to eq(%i[after_one after_two])
    end

    it "stay together a hundred times (contract 10.1)" do
      klass = job_of do
        pipeline do
          before(:source) { events << :open }
          after(:source) { events << :close }

          producer(:source) { (events << :source) && 3.times { |n| emit(n) } }
          processor(:work) { |n| (events << :work) && emit(n) }
          consumer(:sink) { |_n| events << :sink }
        end
      end
      lists = Array.new(100) { klass.new.tap(&:run).tap(&:cleanup).events.first(3) }
      expect(lists.uniq).to eq([%i[open source close]])
    end
  end

  describe "of the pipeline" do
    it "come first and last (contract 10.1)" do
      run_job_of do
        pipeline do
          before_run { events << :first }
          after_run { events << :last }
          before(:source) { events << :before_source }
          after(:sink) { events << :after_sink }

          producer(:source) { emit(1) }
          consumer(:sink) { |_n| events << :sink }
        end
      end
      expect(@job.events).to eq(%i[first before_source sink after_sink last])
    end

    it "run before those of the stage around a fork (contract 10.4)" do
      run_job_of do
        pipeline do
          before_fork(:sink) { events << :stage_parent }
          before_fork { events << :pipeline_parent }
          after_fork(:sink) { note(:stage_child) }
          after_fork { note(:pipeline_child) }
          producer(:source) { emit(1) }
          process_per_batch(max: 1) do
            before(:sink) { note(:before) }

            consumer(:sink) { |_n| note(:block) }
            after(:sink) { note(:after) }
          end
        end
      end
      expect(@job.events.first(2)).to eq(%i[pipeline_parent stage_parent])
      expect(@job.noted).to eq(%i[pipeline_child stage_child before block after])
    end

    it "do not run around a fork that never happens (contract 10.4)" do
      run_job_of do
        pipeline do
          before_fork { events << :fork }
          after_fork { events << :fork }
          before_fork(:sink) { events << :fork }
          producer(:source) { emit(1) }
          threads(2) { consumer(:sink) { |n| results << n } }
        end
      end
      expect(@job.events).to eq([])
    end
  end

  it "run around the batches of an accumulator's consumer (contract 10.5)" do
    run_job_of do
      pipeline do
        producer(:source) { 5.times { |n| emit(n) } }
        accumulator :gather, max_size: 2
        before(:sink) { events << :before }

        consumer(:sink) { |batch| events << batch }
      end
    end
    expect(@job.events).to eq([:before, [0, 1], :before, [2, 3], :before, [4]])
  end

  it "leave after out for a producer that failed (contract 10.5, 10.7)" do
    run_job_of do
      pipeline do
        before(:source) { events << :before }
        after(:source) { events << :after }

        producer :source do
          emit(1)
          raise "dry"
        end
        consumer(:sink) { |n| results << n }
      end
    end
    expect(@job.events).to eq([:before])
    expect(@job.results).to eq([1])
  end
end
