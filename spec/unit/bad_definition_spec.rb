# frozen_string_literal: true

require_relative "../spec_helper"

# A definition that cannot be meant raises before anything runs, and says what and where.
RSpec.describe Minigun::DSL do
  include Definitions

  describe "bad definitions" do
    def expect_building(&block)
      expect { root_with(&block) }
    end

    def expect_routing(&block)
      expect { routed(root_with(&block)) }
    end

    describe "widths" do
      [0, -1, 2.5, "3", :many].each do |bad|
        %i[threads processes ractors].each do |word|
          it "refuses #{word}(#{bad.inspect})" do
            expect_building { public_send(word, bad) { 1 } }
              .to raise_error(ArgumentError, /#{word}.*#{Regexp.escape(bad.inspect)}/)
          end
        end

        %i[thread_per_batch process_per_batch ractor_per_batch].each do |word|
          it "refuses #{word}(max: #{bad.inspect})" do
            expect_building { public_send(word, max: bad) { 1 } }
              .to raise_error(ArgumentError, /#{word}.*max.*#{Regexp.escape(bad.inspect)}/)
          end
        end

        it "refuses batch(#{bad.inspect})" do
          expect_building { batch(bad) }.to raise_error(ArgumentError, /batch.*#{Regexp.escape(bad.inspect)}/)
        end

        it "refuses max_size: #{bad.inspect}" do
          expect_building { accumulator(:pile, max_size: bad) }
            .to raise_error(ArgumentError, /max_size.*:pile.*#{Regexp.escape(bad.inspect)}/)
        end

        it "refuses a named context of size #{bad.inspect}" do
          expect_building { execution_context(:crew, :threads, bad) }
            .to raise_error(ArgumentError, /execution_context :crew.*#{Regexp.escape(bad.inspect)}/)
        end
      end

      it "refuses a class's widths when they are set" do
        expect { dsl_class { max_threads(0) } }.to raise_error(ArgumentError, /max_threads.*0/)
        expect { dsl_class { max_processes("2") } }.to raise_error(ArgumentError, /max_processes.*"2"/)
        expect { dsl_class { max_retries(-1) } }.to raise_error(ArgumentError, /max_retries.*-1/)
      end

      it "refuses a max_wait that is no time" do
        expect_building { accumulator(:pile, max_wait: -1) }.to raise_error(ArgumentError, /max_wait.*:pile.*-1/)
        expect_building { accumulator(:pile, max_wait: "1") }.to raise_error(ArgumentError, /max_wait/)
      end
    end

    describe "missing blocks" do
      %i[producer processor consumer stage].each do |word|
        it "are named for #{word}" do
          expect_building { public_send(word, :x) }.to raise_error(ArgumentError, /#{word} :x.*block/)
        end
      end

      it "are named for contexts" do
        expect_building { threads(2) }.to raise_error(ArgumentError, /threads.*block/)
        expect_building { process_per_batch(max: 2) }.to raise_error(ArgumentError, /process_per_batch.*block/)
      end

      it "are named for hooks" do
        expect_building { before_run }.to raise_error(ArgumentError, /before_run.*block/)
        expect_building { after(:x) }.to raise_error(ArgumentError, /after.*:x.*block/)
        expect_building { before_fork(:x) }.to raise_error(ArgumentError, /before_fork.*:x.*block/)
      end

      it "are named for pipelines" do
        expect_building { pipeline(:x) }.to raise_error(ArgumentError, /pipeline :x.*block/)
        expect { dsl_class { pipeline } }.to raise_error(ArgumentError, /pipeline: a block/)
        expect { dsl_class { pipeline(:x) } }.to raise_error(ArgumentError, /pipeline :x: a block/)
      end
    end

    describe "names" do
      it "have to be Symbols or Strings" do
        expect_building { processor(nil) { |x| x } }.to raise_error(ArgumentError, /processor.*nil/)
        expect_building { processor(to: :x) { |x| x } }.to raise_error(ArgumentError, /processor.*to/)
        expect_building { pipeline { 1 } }.to raise_error(ArgumentError, /pipeline.*nil/)
        expect_building { before(nil) { 1 } }.to raise_error(ArgumentError, /before/)
        expect { dsl_class { pipeline(to: :x) { 1 } } }.to raise_error(ArgumentError, /pipeline.*to.*x/)
        expect { dsl_class { pipeline(nil, to: :x) { 1 } } }.to raise_error(ArgumentError, /pipeline.*needs a name/)
      end

      it "of contexts are known (contract 4)" do
        expect_building do
          execution_context(:crew, :threads, 2)
          processor(:a, execution_context: :crw) { |x| x }
        end.to raise_error(ArgumentError, /Unknown execution context: :crw.*Did you mean :crew\?/)
      end

      it "of context types are known (contract 10.7)" do
        expect_building { execution_context(:crew, :thread_pool, 2) }
          .to raise_error(ArgumentError, /Unknown context type: :thread_pool/)
      end

      it "of stages are known (contract 9)" do
        expect_routing do
          producer(:gen, to: :laod) { emit(1) }
          consumer(:load) { |x| x }
        end.to raise_error(Minigun::Error, /:laod.*Did you mean :load\?/)
      end

      it "of stages in hooks are known" do
        expect_routing do
          producer(:generate) { emit(1) }
          before_fork(:genrate) { 1 }
        end.to raise_error(Minigun::Error, /before_fork hook.*:genrate.*Did you mean :generate\?/)
      end

      it "of stages are known in nested pipelines (contract 20)" do
        expect_routing { pipeline(:inner) { producer(:gen, to: :nowhere) { emit(1) } } }
          .to raise_error(Minigun::Error, /nowhere/)
      end
    end

    it "come out of run in the caller's thread, before any producer starts (contract 9.4)" do
      started = false
      klass = dsl_class do
        pipeline { producer(:gen, to: :nowhere) { started = true } }
      end
      expect { klass.new.run }.to raise_error(Minigun::Error, /nowhere/)
      expect { klass.new.perform }.to raise_error(Minigun::Error, /nowhere/)
      expect(started).to be(false)
    end

    it "include cycles (contract 10.7)" do
      expect_building do
        processor(:a, to: :b) { |x| x }
        processor(:b, to: :a) { |x| x }
      end.to raise_error(Minigun::Error, /Circular dependency.*:b.*:a/)
      expect_building { processor(:a, to: :a) { |x| x } }.to raise_error(Minigun::Error, /Circular dependency/)
    end

    it "include options of a context block that it does not have" do
      expect_building { threads(2, isolat: true) { 1 } }.to raise_error(ArgumentError, /threads.*:isolat.*:isolate\?/)
    end

    describe "unknown stage options (contract 4)" do
      it "are kept, with one warning that names the nearest known one" do
        klass = dsl_class { pipeline { processor(:a, max_siez: 1) { |x| x } } }
        roots = Array.new(2) { root_of(klass.new) }
        expect(roots.map { |root| root.stages[:a].options }).to all(eq(max_siez: 1))
        expect(log_output.scan(/:a.*:max_siez.*Did you mean :max_size\?/).size).to eq(1)
      end

      it "list the known ones when none is near" do
        root_with { processor(:a, zzz_colour: 1) { |x| x } }
        expect(log_output).to match(/:zzz_colour.*Known:.*:isolate/)
      end
    end

    it "say nothing about the options that are known" do
      root_with do
        execution_context(:crew, :threads, 1)
        processor(:a, to: :b, execution_context: :crew, isolate: true, before: -> {}, after_fork: -> {}) { |x| x }
        accumulator(:b, from: :a, max_size: 2, max_wait: 1)
      end
      expect(log_output).to eq("")
    end
  end
end
