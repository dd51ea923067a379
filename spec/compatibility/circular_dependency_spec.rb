# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "circular dependencies" do
  let(:circular) { raise_error(Minigun::Error, /Circular dependency/) }

  def define_and_run(&block)
    Class.new do
      include Minigun::DSL

      attr_reader :results

      def initialize = @results = []

      class_eval(&block)
    end.new.tap(&:run)
  end

  describe "of stages" do
    it "are refused for one (contract 9)" do
      expect do
        define_and_run { pipeline { processor(:a, to: :a) { |n| emit(n) } } }
      end.to circular
    end

    it "are refused for two (contract 9)" do
      expect do
        define_and_run do
          pipeline do
            producer(:source, to: :a) { emit(1) }
            processor(:a, to: :b) { |n| emit(n) }
            processor(:b, to: :a) { |n| emit(n) }
          end
        end
      end.to circular
    end

    it "are refused for three, by from (contract 9)" do
      expect do
        define_and_run do
          pipeline do
            processor(:a, to: :b) { |n| emit(n) }
            processor(:b, to: :c) { |n| emit(n) }
            processor(:c, from: :b, to: :a) { |n| emit(n) }
          end
        end
      end.to circular
    end

    it "are refused before anything runs (contract 9)" do
      ran = []
      expect do
        define_and_run do
          pipeline do
            before_run { ran << :hook }
            producer(:source, to: :a) { ran << :source }
            processor(:a, to: %i[b c]) { |n| emit(n) }
            processor(:b, to: :c) { |n| emit(n) }
            processor(:c, to: :a) { |n| emit(n) }
          end
        end
      end.to circular
      expect(ran).to eq([])
    end
  end

  describe "of pipelines" do
    def named(*edges)
      define_and_run do
        edges.each do |name, options|
          pipeline(name, options) { processor(:"#{name}_work") { |n| emit(n) } }
        end
      end
    end

    it "are refused for one (contract 3.3)" do
      expect { named([:a, { to: :a }]) }.to circular
    end

    it "are refused for two (contract 3.3)" do
      expect { named([:a, { to: :b }], [:b, { to: :a }]) }.to circular
    end

    it "are refused for three (contract 3.3)" do
      expect { named([:a, { to: :b }], [:b, { to: :c }], [:c, { to: :a }]) }.to circular
    end

    it "are refused by from (contract 3.3)" do
      expect { named([:a, { from: :b }], [:b, { from: :a }]) }.to circular
    end

    it "are refused in a branch (contract 3.3)" do
      expect { named([:a, { to: %i[b c] }], [:b, { to: :d }], [:c, { to: :d }], [:d, { to: :b }]) }.to circular
    end
  end

  describe "what is none" do
    it "is a diamond of stages, given from both ends (contract 9)" do
      job = define_and_run do
        pipeline do
          producer(:source, to: %i[left right]) { emit(1) }
          processor(:left, from: :source, to: :sink) { |n| emit(n + 10) }
          processor(:right, from: :source, to: :sink) { |n| emit(n + 20) }
          consumer(:sink, from: %i[left right]) { |n| results << n }
        end
      end
      expect(job.results).to contain_exactly(11, 21)
    end

    it "is a diamond of pipelines (contract 3.3, 10.6)" do
      job = define_and_run do
        pipeline(:source, to: %i[left right]) { producer(:numbers) { 2.times { |n| emit(n) } } }
        pipeline(:left, to: :sink) { processor(:add) { |n| emit(n + 10) } }
        pipeline(:right, to: :sink) { processor(:add) { |n| emit(n + 20) } }
        pipeline(:sink) { consumer(:list) { |n| results << n } }
      end
      expect(job.results).to contain_exactly(10, 11, 20, 21)
    end

    it "is a way past a stage (contract 9)" do
      job = define_and_run do
        pipeline do
          producer(:source, to: %i[work sink]) { emit(1) }
          processor(:work, to: :sink) { |n| emit(-n) }
          consumer(:sink) { |n| results << n }
        end
      end
      expect(job.results).to contain_exactly(1, -1)
    end
  end
end
