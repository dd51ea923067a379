# frozen_string_literal: true

require_relative "../spec_helper"

# Pipelines in pipelines, and self in their blocks.
RSpec.describe Minigun::DSL do
  include Definitions

  describe "named and nested pipelines (contract 3.3)" do
    it "puts every named one before the stages of unnamed blocks" do
      klass = dsl_class do
        pipeline { producer(:gen) { emit(1) } }
        pipeline(:b) { consumer(:x) { |x| x } }
        pipeline { consumer(:end) { |x| x } }
        pipeline(:a) { consumer(:x) { |x| x } }
      end
      root = root_of(klass.new)
      expect(root.stage_order).to eq(%i[b a gen end])
      expect(root.stages[:a]).to be_a(Minigun::PipelineStage)
      expect(root.stages[:a].pipeline.name).to eq(:a)
    end

    it "joins them by to: and from:, to stages that come later too" do
      klass = dsl_class do
        pipeline(:in, to: %i[out sink]) { producer(:x) { emit(1) } }
        pipeline(:out, from: :gen) { consumer(:x) { |x| x } }
        pipeline do
          producer(:gen) { emit(1) }
          consumer(:sink) { |x| x }
        end
      end
      expect(edges_of(routed(root_of(klass.new)))).to eq(in: %i[out sink], gen: [:out])
    end

    it "opens a name again" do
      klass = dsl_class do
        pipeline(:a) { producer(:x) { emit(1) } }
        pipeline(:a) { consumer(:y) { |y| y } }
      end
      expect(root_of(klass.new).stages[:a].pipeline.stages.keys).to eq(%i[x y])
    end

    it "raises for a cycle" do
      klass = dsl_class do
        pipeline(:a, to: :b) { consumer(:x) { |x| x } }
        pipeline(:b, to: :a) { consumer(:x) { |x| x } }
      end
      expect { klass.new.run }.to raise_error(Minigun::Error, /Circular dependency/)
    end

    it "leaves no input node behind" do
      klass = dsl_class { pipeline(:a) { producer(:x) { emit(1) } } }
      expect(routed(root_of(klass.new)).stages[:a].pipeline.dag.nodes).to eq([:x])
    end

    it "nests one at its place, with to: and from: (quirk Q14)" do
      root = root_with do
        producer(:gen) { emit(1) }
        pipeline(:mid) { processor(:x) { |x| emit(x) } }
        consumer(:sink) { |x| x }
        pipeline(:side, from: :gen, to: :sink) { processor(:x) { |x| emit(x) } }
      end
      expect(root.stage_order).to eq(%i[gen mid sink side])
      expect(edges_of(routed(root))).to eq(gen: [:side], side: [:sink], mid: [:sink])
    end

    it "nests to any depth, in named ones too (quirk Q13)" do
      klass = dsl_class do
        pipeline(:outer) do
          pipeline(:mid) { pipeline(:deep) { producer(:x) { emit(1) } } }
        end
      end
      inner = root_of(klass.new).each_inner.to_a
      expect(inner.map(&:name)).to eq(%i[outer mid deep])
      expect(inner.last.stages.keys).to eq([:x])
    end

    it "keeps hooks where they are written" do
      root = root_with do
        before_run { :outer }
        pipeline(:a) do
          before_run { :inner }
          before(:x) { :stage }

          producer(:x) { emit(1) }
        end
      end
      inner = root.stages[:a].pipeline
      expect([root, inner].map { |pipeline| pipeline.hooks[:before_run].map(&:call) }).to eq([[:outer], [:inner]])
      expect(inner.stage_hooks(:before, :x).size).to eq(1)
      expect(root.stage_hooks(:before, :x)).to be_empty
    end

    it "hands contexts and variables down (quirk Q15)" do
      klass = dsl_class do
        define_method(:initialize) { @size = 6 }
        pipeline do
          execution_context(:crew, :threads, 2)
          @size += 1
          processes(3) do
            pipeline(:a) do
              processor(:inherits) { |x| x }
              processor(:named, execution_context: :crew) { |x| x }
              threads(@size) { pipeline(:b) { processor(:deep) { |x| x } } }
            end
          end
        end
      end
      contexts = root_of(klass.new).each_inner.flat_map { |inner| inner.stages.values.map(&:execution_context) }
      expect(contexts.compact.map { |context| context.values_at(:type, :pool_size) })
        .to eq([[:processes, 3], [:threads, 2], [:threads, 7]])
    end
  end

  describe "self in a pipeline block (contract 3.4)" do
    it "sees the instance's variables and methods, private ones too (quirk Q11)" do
      klass = dsl_class do
        define_method(:initialize) { |width| @width = width }
        pipeline { threads(@width) { batch(twice(@width)) } }

        private

        def twice(number) = number * 2
      end
      roots = [klass.new(2), klass.new(5)].map { |instance| root_of(instance) }
      expect(roots.map { |root| root.stages[:_batch_0].max_size }).to eq([4, 10])
      expect(roots.map { |root| root.stages[:_batch_0].execution_context[:pool_size] }).to eq([2, 5])
    end

    it "has nothing of its own that a user might call otherwise" do
      names = %i[@config @name @stats @options @stages @pipeline @context @instance @builder]
      klass = dsl_class do
        define_method(:initialize) { names.each { |name| instance_variable_set(name, name) } }
        define_method(:names) { names }
        %i[config name options stages instance builder root hooks].each { |word| define_method(word) { word } }
      end
      seen = nil
      klass.pipeline do
        seen = [names.map { |name| instance_variable_get(name) },
                [config, name, options, stages, instance, builder, root, hooks]]
      end
      root_of(klass.new)
      expect(seen).to eq([names, %i[config name options stages instance builder root hooks]])
    end

    it "means the user's method where every object has one" do
      klass = dsl_class do
        pipeline { batch(format(3)) }

        private

        def format(number) = number + 1
      end
      expect(root_of(klass.new).stages[:_batch_0].max_size).to eq(4)
    end

    it "makes a method of the instance a stage's block, with the arity it has (contract 3.4)" do
      klass = dsl_class do
        pipeline { %i[source double].each { |name| stage(name, &method(name)) } }

        def source = emit(21)

        private

        def double(number) = number * 2
      end
      stages = root_of(instance = klass.new).stages
      expect(stages.transform_values(&:producer?)).to eq(source: true, double: false)
      expect(stages[:double].execute(instance, 4)).to eq(8)
    end

    it "leaves `method` to a user who has one of that name (contract 3.2)" do
      klass = dsl_class do
        def method = 3
        pipeline { batch(method) }
      end
      expect(root_of(klass.new).stages[:_batch_0].max_size).to eq(3)
    end

    it "does not change the instance" do
      klass = dsl_class do
        attr_reader :size

        define_method(:initialize) { @size = 1 }
        pipeline { @size = 2 }
      end
      instance = klass.new
      root_of(instance)
      expect(instance.size).to eq(1)
    end

    it "passes on arguments and blocks" do
      klass = dsl_class do
        def sized(base, plus: 0) = base + plus + yield
        pipeline { batch(sized(1, plus: 2) { 3 }) }
      end
      expect(root_of(klass.new).stages[:_batch_0].max_size).to eq(6)
    end

    it "says what it is when a word is unknown" do
      stub_const("NamedJob", dsl_class { pipeline { procesor(:x) { |x| x } } })
      expect { NamedJob.new.run }.to raise_error(NoMethodError) { |error|
        expect(error.message).to include("undefined method 'procesor' in a pipeline block of NamedJob")
        expect(error.backtrace.first).to start_with(__FILE__)
      }
    end

    it "answers respond_to? for both" do
      answers = nil
      klass = dsl_class { def helper = 1 }
      klass.pipeline { answers = [respond_to?(:helper), respond_to?(:batch), respond_to?(:nothing)] }
      root_of(klass.new)
      expect(answers).to eq([true, true, false])
    end

    it "runs the blocks as the closures they are" do
      seen = []
      root_with { seen << self.class }
      expect(seen).to eq([Minigun::PipelineDSL])
    end

    it "refuses to emit, saying where it was" do
      expect { root_with { emit(1) } }
        .to raise_error(Minigun::Error, /emit called in a pipeline block, outside a stage/)
      expect { root_with { emit_to_stage(:x, 1) } }
        .to raise_error(Minigun::Error, /emit_to_stage called in a pipeline block, outside a stage/)
    end

    it "refuses emit from a helper method of the instance too" do
      klass = dsl_class do
        def helper = emit(1)
        pipeline { helper }
      end
      expect { klass.new.run }.to raise_error(Minigun::Error, /outside a stage/)
    end
  end
end
