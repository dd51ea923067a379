# frozen_string_literal: true

require_relative "../spec_helper"

# What happens when a file that defines a class is loaded again (contract 3.7).
RSpec.describe Minigun::DSL do
  include Definitions

  describe "reloading (contract 3.7)" do
    it "drops the class's own earlier definitions with a second include" do
      klass = dsl_class do
        max_threads 9
        pipeline(:part) { producer(:old) { emit(1) } }
        pipeline { producer(:old, before: -> {}) { emit(1) } }
      end
      klass.class_eval do
        include Minigun::DSL

        pipeline { producer(:fresh) { emit(1) } }
      end
      expect(root_of(klass.new).stage_order).to eq([:fresh])
      expect(klass._minigun_task.config[:max_threads]).to eq(5)
    end

    it "keeps what a subclass has inherited, blocks and configuration" do
      parent = dsl_class do
        max_threads 9
        pipeline { producer(:src) { emit(1) } }
      end
      child = Class.new(parent) do
        max_threads 3
        pipeline { consumer(:old) { |x| x } }
      end
      child.class_eval do
        include Minigun::DSL

        pipeline { consumer(:fresh) { |x| x } }
      end
      expect(root_of(child.new).stage_order).to eq(%i[src fresh])
      expect(child._minigun_task.config[:max_threads]).to eq(9)
    end

    it "ends up the same however often a whole file is loaded" do
      klass = Class.new
      loads = Array.new(3) do
        klass.class_eval do
          include Minigun::DSL

          pipeline do
            before_run { 1 }
            producer(:gen, after: -> {}) { emit(1) }
            batch(3)
            process_per_batch(max: 2) { consumer(:keep) { |x| x } }
          end
        end
        root = routed(root_of(klass.new))
        [root.stage_order, edges_of(root), root.hooks[:before_run].size, root.stage_hooks(:after, :gen).size]
      end
      expect(loads.uniq).to eq([[%i[gen _batch_0 keep], { gen: [:_batch_0], _batch_0: [:keep] }, 1, 1]])
    end

    it "is harmless for a subclass that is merely opened again" do
      parent = dsl_class do
        pipeline do
          producer(:src) { emit(1) }
          consumer(:sink) { |x| x }
        end
      end
      child = Class.new(parent)
      body = proc do
        pipeline do
          processor(:mid, before: -> {}) { |x| emit(x) }
          batch(2)
          reroute_stage(:src, to: :mid)
          reroute_stage(:mid, to: :sink)
        end
      end
      2.times { child.class_eval(&body) }
      root = routed(root_of(child.new))
      expect(root.stage_order).to eq(%i[src sink mid _batch_0])
      expect(edges_of(root)).to include(src: [:mid], mid: [:sink])
      expect(root.stage_hooks(:before, :mid).size).to eq(1)
    end

    describe "of a file that holds a parent and its subclass" do
      # Blocks are recognized by the file and line that they bear.
      def load_file(classes)
        eval(<<~RUBY, binding, "jobs.rb") # rubocop:disable Style/EvalWithLocation -- stands for `load`
          parent = (classes[:parent] ||= Class.new)
          parent.class_eval do
            include Minigun::DSL

            pipeline { producer(:src) { emit(1) } }
          end
          child = (classes[:child] ||= Class.new(Class.new(parent)))
          child.class_eval do
            pipeline { before_run { 1 } }
            pipeline do
              after(:src) { 2 }
              consumer(:sink) { |x| x }
            end
          end
          child
        RUBY
      end

      it "replaces what the file said of the subclass" do
        classes = {}
        counts = Array.new(3) do
          root = root_of(load_file(classes).new)
          [root.stage_order, root.hooks[:before_run].size, root.stage_hooks(:after, :src).size]
        end
        expect(counts.uniq).to eq([[%i[src sink], 1, 1]])
      end

      it "keeps what other files said of the subclass, and what is added in a loop" do
        classes = {}
        child = load_file(classes)
        child.pipeline { before_run { 3 } }
        load_file(classes)
        2.times { child.pipeline { after_run { 4 } } }
        root = root_of(child.new)
        expect([root.hooks[:before_run].size, root.hooks[:after_run].size]).to eq([2, 2])
      end
    end

    it "ends up the same for a class that includes a module which includes the DSL" do
      mixin = Module.new
      klass = Class.new
      loads = Array.new(3) do
        mixin.module_eval do
          include Minigun::DSL

          pipeline do
            before_run { 1 }
            producer(:src) { emit(1) }
          end
        end
        klass.class_eval do
          include mixin

          pipeline do
            after_run { 2 }
            consumer(:sink) { |x| x }
          end
        end
        root = root_of(klass.new)
        [root.stage_order, root.hooks.transform_values(&:size)]
      end
      expect(loads.uniq)
        .to eq([[%i[src sink], { before_run: 1, after_run: 1, before_fork: 0, after_fork: 0 }]])
    end

    it "keeps what a class says when it includes another such module" do
      mixins = Array.new(2) { |n| Module.new { include(Minigun::DSL) && pipeline { stage(:"m#{n}") { |x| x } } } }
      klass = dsl_class { pipeline { producer(:own) { emit(1) } } }
      mixins.each { |mixin| klass.include(mixin) }
      expect(root_of(klass.new).stage_order).to contain_exactly(:m0, :m1, :own)
    end

    it "lets another file define a class of the same name with other stages" do
      klass = dsl_class do
        define_method(:initialize) { |size| @size = size }
        pipeline { batch(@size) }
      end
      klass.class_eval do
        include Minigun::DSL

        define_method(:initialize) { |width:| @width = width }
        pipeline { threads(@width) { producer(:other) { emit(1) } } }
      end
      expect(root_of(klass.new(width: 2)).stage_order).to eq([:other])
    end
  end
end
