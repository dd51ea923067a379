# frozen_string_literal: true

require_relative "../spec_helper"

# The words of a pipeline block.
RSpec.describe Minigun::DSL do
  include Definitions

  describe "stages (contract 4)" do
    it "knows four words for the same thing" do
      root = root_with do
        producer(:a) { emit(1) }
        processor(:b) { |x| x }
        consumer(:c) { |x| x }
        stage(:d) { |x| x }
      end
      expect(root.stages.values).to all(be_an_instance_of(Minigun::AtomicStage))
      expect(root.stages.values.map(&:producer?)).to eq([true, false, false, false])
    end

    it "takes options as keywords or as a Hash" do
      root = root_with do
        processor(:a, tag: 1) { |x| x }
        processor(:b, { tag: 2 }) { |x| x }
      end
      expect(root.stages.values.map(&:options)).to eq([{ tag: 1 }, { tag: 2 }])
    end

    it "has accumulators with and without a name" do
      root = root_with do
        accumulator
        accumulator(:pairs, max_size: 2, &:sum)
      end
      expect(root.stages.transform_values(&:max_size)).to eq(accumulator: 100, pairs: 2)
      expect(root.stages.values).to all(be_a(Minigun::AccumulatorStage))
    end

    it "numbers batches, and tolerates a size of nil" do
      root = root_with do
        batch(@size)
        batch(7, tag: 1)
      end
      expect(root.stages.transform_values(&:max_size)).to eq(_batch_0: 100, _batch_1: 7)
      expect(root.stages[:_batch_1].options[:tag]).to eq(1)
    end

    it "numbers on through several blocks and starts anew in a nested one (quirk Q43)" do
      klass = dsl_class do
        pipeline { batch(1) }
        pipeline do
          batch(2)
          pipeline(:inner) { batch(3) }
        end
      end
      root = root_of(klass.new)
      expect(root.stages.keys).to eq(%i[_batch_0 _batch_1 inner])
      expect(root.stages[:inner].pipeline.stages.keys).to eq([:_batch_0])
    end

    it "gives a block that is evaluated again its own numbers again (contract 3.7)" do
      block = proc { batch(5) }
      klass = dsl_class { 2.times { pipeline(&block) } }
      expect(root_of(klass.new).stages.keys).to eq([:_batch_0])
    end

    it "reroutes" do
      root = root_with do
        producer(:a) { emit(1) }
        processor(:b) { |x| x }
        consumer(:c) { |x| x }
        reroute_stage(:a, to: :c)
      end
      expect(root.dag.downstream(:a)).to eq([:c])
    end
  end

  describe "execution contexts (contract 4)" do
    def contexts(&block)
      root_with(&block).stages.transform_values(&:execution_context)
    end

    %i[threads processes ractors].each do |word|
      it "has pools by #{word}" do
        expect(contexts { public_send(word, 3) { processor(:a) { |x| x } } })
          .to eq(a: { type: word, pool_size: 3, mode: :pool })
      end
    end

    { thread_per_batch: :threads, process_per_batch: :processes, ractor_per_batch: :ractors }.each do |word, type|
      it "has #{word}" do
        expect(contexts { public_send(word, max: 3) { processor(:a) { |x| x } } })
          .to eq(a: { type: type, max: 3, mode: :per_batch })
        expect { root_with { public_send(word) { 1 } } }.to raise_error(ArgumentError, /max/)
      end
    end

    it "tolerates nil for a size" do
      found = contexts do
        threads(@none) { processor(:a) { |x| x } }
        process_per_batch(max: @none) { processor(:b) { |x| x } }
      end
      expect(found).to eq(a: { type: :threads, pool_size: nil, mode: :pool },
                          b: { type: :processes, max: nil, mode: :per_batch })
    end

    it "nests them: the inner one wins, the outer one is back after it" do
      found = contexts do
        threads(1) do
          processor(:a) { |x| x }
          processes(2) { processor(:b) { |x| x } }
          processor(:c) { |x| x }
        end
        processor(:d) { |x| x }
      end
      expect(found.transform_values { |context| context && context[:pool_size] }).to eq(a: 1, b: 2, c: 1, d: nil)
    end

    it "gives the outer one back after an error too" do
      found = contexts do
        threads(1) { raise IOError }
      rescue IOError
        processor(:a) { |x| x }
      end
      expect(found).to eq(a: nil)
    end

    it "has all other words inside: hooks, batch, nested pipelines" do
      root = root_with do
        process_per_batch(max: 2) do
          before_fork(:_batch_0) { 1 }
          before_run { 1 }
          batch(3)
          pipeline(:inner) { processor(:a) { |x| x } }
        end
      end
      expect(root.stages[:_batch_0].execution_context[:max]).to eq(2)
      expect([root.stage_hooks(:before_fork, :_batch_0).size, root.hooks[:before_run].size]).to eq([1, 1])
      expect(root.stages[:inner].pipeline.stages[:a].execution_context[:max]).to eq(2)
    end

    it "lets a named one win over the block around the stage" do
      found = contexts do
        execution_context(:crew, :processes, 4)
        threads(2) { processor(:a, execution_context: :crew) { |x| x } }
      end
      expect(found).to eq(a: { type: :processes, pool_size: 4, mode: :pool })
    end

    { threads: :threads, thread: :threads, processes: :processes, process: :processes, fork: :processes,
      ractors: :ractors, ractor: :ractors, inline: :inline }.each do |word, type|
      it "knows #{word.inspect} as a type of a named one" do
        found = contexts do
          execution_context(:crew, word, 1)
          processor(:a, execution_context: :crew) { |x| x }
        end
        expect(found[:a][:type]).to eq(type)
      end
    end

    it "shares named ones between the blocks of a class" do
      klass = dsl_class do
        pipeline { execution_context(:crew, :threads, 4) }
        pipeline { processor(:a, execution_context: :crew) { |x| x } }
      end
      expect(root_of(klass.new).stages[:a].execution_context[:pool_size]).to eq(4)
    end

    it "isolates by block or by stage, and the stage has the last word (contract 21.1)" do
      root = root_with do
        processes(2, isolate: true) do
          processor(:a) { |x| x }
          processor(:b, isolate: false) { |x| x }
        end
        process_per_batch(max: 2) { processor(:c, isolate: true) { |x| x } }
        processes(2) { processor(:d) { |x| x } }
      end
      expect(root.stages.transform_values { |stage| stage.options[:isolate] })
        .to eq(a: true, b: false, c: true, d: nil)
      expect(root.stages[:a].execution_context).to eq(type: :processes, pool_size: 2, mode: :pool)
    end

    it "isolates the stages inside a block that have a named context, too (contract 21.1)" do
      root = root_with do
        execution_context(:crew, :processes, 2)
        threads(2, isolate: true) { processor(:a, execution_context: :crew) { |x| x } }
      end
      expect(root.stages[:a].execution_context[:type]).to eq(:processes)
      expect(root.stages[:a].options[:isolate]).to be(true)
    end
  end

  describe "hooks (contract 4)" do
    it "keeps those of the pipeline" do
      root = root_with do
        before_run { :a }
        after_run { :b }
        before_fork { :c }
        after_fork { :d }
        after_producer { :e }
        before_exit { :f }
      end
      types = %i[before_run after_run before_fork after_fork after_producer before_exit]
      expect(types.map { |type| root.hooks_for(type).map(&:call) }).to eq([[:a], [:b], [:c], [:d], [:e], [:f]])
      expect(root.hooks.size).to eq(4)
    end

    it "keeps those of stages, which may come later" do
      root = root_with do
        before(:x) { :a }
        after(:x) { :b }

        before_fork(:x) { :c }
        after_fork(:x) { :d }
        before_exit(:x) { :e }
        processor(:x, before: -> { :f }) { |x| x }
        before(:x) { :g }
      end
      types = %i[before after before_fork after_fork before_exit]
      expect(types.map { |type| root.stage_hooks(type, :x).map(&:call) }).to eq([%i[a f g], [:b], [:c], [:d], [:e]])
      expect(root.hooks.values).to all(be_empty)
    end
  end
end
