# frozen_string_literal: true

require "yaml"
require_relative "../spec_helper"

RSpec.describe Minigun::DSL do
  include Definitions

  describe "the class (contract 3.1)" do
    it "has a task from the moment of the include" do
      klass = dsl_class
      expect(klass._minigun_task).to be_a(Minigun::Task)
      expect(klass._minigun_task).to equal(klass._minigun_task)
      expect(dsl_class._minigun_task).not_to equal(klass._minigun_task)
    end

    it "sets configuration at once" do
      klass = dsl_class do
        max_threads 10
        max_processes 4
        max_retries 0
        isolate_state
      end
      expect(klass._minigun_task.config)
        .to include(max_threads: 10, max_processes: 4, max_retries: 0, isolate_state: true)
    end

    %i[producer processor consumer accumulator stage].each do |word|
      it "does not have #{word}" do
        expect { dsl_class { public_send(word, :x) { 1 } } }.to raise_error(NoMethodError, /undefined method/)
        expect { dsl_class.public_send(word, :x) { 1 } }.to raise_error(NoMethodError, /undefined method/)
      end
    end

    it "takes a pipeline from outside" do
      klass = dsl_class
      klass.pipeline { producer(:late) { emit(1) } }
      expect(root_of(klass.new).stages.keys).to eq([:late])
    end

    it "keeps blocks without a name" do
      block = proc { producer(:x) { emit(1) } }
      klass = dsl_class { pipeline(&block) }
      expect(klass._pipeline_definition_blocks).to eq([block])
    end

    it "evaluates nothing before a run (contract 3.4)" do
      evaluated = 0
      klass = dsl_class do
        pipeline(:named) { evaluated += 1 }
        pipeline { evaluated += 1 }
      end
      klass.new
      expect([evaluated, klass._minigun_task.stages]).to eq([0, {}])
    end

    it "gets no constants that could stand in the way of the user's" do
      expect(described_class.constants).to eq([:ClassMethods])
    end

    it "may be a module that is included in turn" do
      shared = Module.new do
        include Minigun::DSL

        pipeline { producer(:shared) { emit(1) } }
      end
      first = Class.new { include shared }
      second = Class.new do
        include shared

        pipeline { consumer(:own) { |x| x } }
      end
      expect(root_of(first.new).stages.keys).to eq(%i[shared])
      expect(root_of(second.new).stages.keys).to eq(%i[shared own])
      expect(first._minigun_task).not_to equal(second._minigun_task)
    end
  end

  describe "the instance (contracts 3.2 and 21.7)" do
    it "has run and its other names, perform and execute" do
      names = %i[run perform execute go_brr! go_brrr! go_brrrr! go_brrrrr! pipeline emit emit_to_stage report]
      expect(names.map { |name| dsl_class.new.respond_to?(name) }).to all(be(true))
    end

    it "needs no initialize of ours, and writes one reserved variable" do
      klass = dsl_class do
        pipeline { producer(:x) { emit(1) } }
        define_method(:initialize) { |config| @config = config }
      end
      instance = klass.new(:mine)
      instance.pipeline { consumer(:y) { |x| x } }
      expect(instance.instance_variables - [:@config]).to all(start_with("@__minigun_"))
      expect(instance.instance_variable_get(:@config)).to eq(:mine)
    end

    it "can be dumped after a definition" do
      klass = stub_const("DumpedJob", dsl_class { attr_accessor :size })
      instance = klass.new
      instance.size = 3
      instance.pipeline { producer(:x) { emit(1) } }
      copy = Marshal.load(Marshal.dump(instance))
      expect(copy.size).to eq(3)
      expect(root_of(copy).stages).to be_empty
      expect(YAML.dump(instance)).to include("size: 3").and(satisfy { |text| text.lines.size < 8 })
    end

    it "leaves the user's methods of the same names alone" do
      base = Class.new { def report = :theirs }
      klass = dsl_class(base) { def pipeline = :mine }
      expect([klass.new.report, klass.new.pipeline]).to eq(%i[theirs mine])
    end

    it "refuses to emit outside a stage" do
      expect { dsl_class.new.emit(1) }.to raise_error(Minigun::Error, /outside a stage block/)
    end

    it "runs, shows what was defined, and answers the produced count (contracts 3.4 and 10.9)" do
      klass = dsl_class do
        attr_reader :results

        define_method(:initialize) { @results = [] }
        pipeline do
          before_run { @results << :first }
          producer(:gen) { 3.times { |n| emit(n) } }
          processor(:double) { |n| emit(n * 2) }
          consumer(:keep) { |n| @results << n }
        end
      end
      instance = klass.new
      expect(instance.run).to eq(3)
      expect(instance.results).to eq([:first, 0, 2, 4])
      task = klass._minigun_task
      expect([task.root_pipeline.stages.size, task.hooks[:before_run].size]).to eq([3, 1])
      expect(task.root_pipeline.stats.total_produced).to eq(3)
      expect(instance.report).to equal(task.root_pipeline.report)
    end

    it "defines nothing twice in a second run or for a second instance (quirk Q9)" do
      klass = dsl_class do
        pipeline do
          before_run { @runs = @runs.to_i + 1 }
          producer(:gen) { emit(1) }
          consumer(:keep) { |n| n }
        end
      end
      instance = klass.new
      2.times { instance.run }
      klass.new.perform
      expect(instance.instance_variable_get(:@runs)).to eq(2)
      expect(klass._minigun_task.hooks[:before_run].size).to eq(1)
      expect(klass._minigun_task.stages.keys).to eq(%i[gen keep])
    end

    it "shows what was defined even when the run raised, hooks alone included (contract 3.4)" do
      klass = dsl_class do
        pipeline do
          after_run { 1 }
          processor(:a) { |x| x }
          raise IOError, "no luck"
        end
      end
      expect { klass.new.run }.to raise_error(IOError)
      expect(klass._minigun_task.stages.keys).to eq([:a])
      expect(klass._minigun_task.hooks[:after_run].size).to eq(1)
    end

    it "lets two instances run at once without mixing them" do
      klass = dsl_class do
        attr_reader :results

        define_method(:initialize) do |size|
          @size = size
          @results = []
        end
        pipeline do
          producer(:gen) { 12.times { |n| emit(n) } }
          batch(@size)
          consumer(:keep) { |batch| @results << batch.size }
        end
      end
      instances = [klass.new(3), klass.new(4)]
      instances.map { |instance| Thread.new { 5.times { instance.run } } }.each(&:join)
      expect(instances.map { |instance| instance.results.uniq }).to eq([[3], [4]])
      expect(instances.map { |instance| instance.results.size }).to eq([20, 15])
    end
  end

  describe "#pipeline of an instance (contract 3.2)" do
    it "adds to the root, for this instance alone, and shows at once" do
      klass = dsl_class { pipeline { producer(:gen) { emit(1) } } }
      instance = klass.new
      instance.pipeline { consumer(:extra) { |x| x } }
      expect(klass._minigun_task.stages.keys).to eq(%i[gen extra])
      expect(root_of(klass.new).stages.keys).to eq([:gen])
    end

    it "adds a nested pipeline at its place" do
      klass = dsl_class { pipeline { producer(:gen) { emit(1) } } }
      klass.new.pipeline(:inner) { consumer(:x) { |x| x } }
      expect(klass._minigun_task.root_pipeline.stage_order).to eq(%i[gen inner])
    end

    it "defines a named pipeline when it is routed or another is there" do
      klass = dsl_class { pipeline { producer(:gen) { emit(1) } } }
      instance = klass.new
      instance.pipeline(:first, from: :gen) { consumer(:x) { |x| x } }
      instance.pipeline(:second) { consumer(:y) { |y| y } }
      expect(klass._minigun_task.root_pipeline.stage_order).to eq(%i[first second gen])
    end

    it "raises for a mistake and forgets it" do
      instance = dsl_class { pipeline { producer(:gen) { emit(1) } } }.new
      expect { instance.pipeline { threads(0) { 1 } } }.to raise_error(ArgumentError, /threads/)
      instance.pipeline { consumer(:fine) { |x| x } }
      expect(instance.class._minigun_task.stages.keys).to eq(%i[gen fine])
    end

    it "goes with a copy of the instance, not back to it" do
      klass = dsl_class
      original = klass.new
      original.pipeline { producer(:gen) { emit(1) } }
      copy = original.dup
      copy.pipeline { consumer(:more) { |x| x } }
      expect(klass._minigun_task.stages.keys).to eq(%i[gen more])
      original.pipeline { consumer(:other) { |x| x } }
      expect(klass._minigun_task.stages.keys).to eq(%i[gen other])
    end
  end
end
