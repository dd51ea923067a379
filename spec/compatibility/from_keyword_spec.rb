# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "from:" do
  def run_class(&block)
    Class.new do
      include Minigun::DSL

      attr_reader :results, :others

      def initialize
        @results = []
        @others = []
        @mutex = Mutex.new
      end

      class_eval(&block)
    end.new.tap(&:run)
  end

  describe "at a stage" do
    it "takes from one stage (contract 9)" do
      job = run_class do
        pipeline do
          producer(:source) { 3.times { |n| emit(n) } }
          consumer(:sink, from: :source) { |n| results << n }
        end
      end
      expect(job.results).to eq([0, 1, 2])
    end

    it "takes from several (contract 9)" do
      job = run_class do
        pipeline do
          producer(:first) { emit(1) }
          producer(:second) { emit(2) }
          consumer(:sink, from: %i[first second]) { |n| results << n }
        end
      end
      expect(job.results).to contain_exactly(1, 2)
    end

    it "is as good as to (contract 9)" do
      job = run_class do
        pipeline do
          producer(:source, to: :sink) { emit(1) }
          consumer(:sink, from: :source) { |n| results << n }
        end
      end
      expect(job.results).to eq([1])
    end

    it "goes past the stage between (contract 9)" do
      job = run_class do
        pipeline do
          producer(:source) { emit(1) }
          processor(:between) { |n| (others << n) && emit(n) }
          consumer(:sink, from: :source) { |n| results << n }
        end
      end
      expect([job.results, job.others]).to eq([[1], []])
    end

    it "delivers both streams of a source and of what it feeds (contract 9)" do
      job = run_class do
        pipeline do
          producer(:source) { 3.times { |n| emit(n) } }
          processor(:work, from: :source) { |n| emit(n + 100) }
          consumer(:sink, from: %i[source work]) { |n| results << n }
        end
      end
      expect(job.results).to contain_exactly(0, 1, 2, 100, 101, 102)
    end

    it "makes a fan-out (contract 9)" do
      job = run_class do
        pipeline do
          producer(:source) { 2.times { |n| emit(n) } }
          consumer(:one, from: :source) { |n| results << n }
          consumer(:two, from: :source) { |n| others << n }
        end
      end
      expect([job.results, job.others]).to eq([[0, 1], [0, 1]])
    end
  end

  describe "at a pipeline" do
    it "takes from one pipeline (contract 3.3, 10.6)" do
      job = run_class do
        pipeline(:source) { producer(:numbers) { 3.times { |n| emit(n) } } }
        pipeline(:sink, from: :source) { consumer(:list) { |n| results << n } }
      end
      expect(job.results).to contain_exactly(0, 1, 2)
    end

    it "takes from one defined later (contract 3.3)" do
      job = run_class do
        pipeline(:sink, from: :source) { consumer(:list) { |n| results << n } }
        pipeline(:source) { producer(:numbers) { emit(7) } }
      end
      expect(job.results).to eq([7])
    end

    it "takes from several (contract 3.3)" do
      job = run_class do
        pipeline(:left) { producer(:l) { 2.times { |n| emit(n) } } }
        pipeline(:right) { producer(:r) { 2.times { |n| emit(n + 10) } } }
        pipeline(:sink, from: %i[left right]) { consumer(:list) { |n| @mutex.synchronize { results << n } } }
      end
      expect(job.results).to contain_exactly(0, 1, 10, 11)
    end

    it "chains (contract 3.3)" do
      job = run_class do
        pipeline(:source) { producer(:numbers) { [1, 2].each { |n| emit(n) } } }
        pipeline(:work, from: :source) { processor(:scale) { |n| emit(n * 10) } }
        pipeline(:sink, from: :work) { consumer(:list) { |n| results << n } }
      end
      expect(job.results).to contain_exactly(10, 20)
    end

    it "mixes with to (contract 3.3)" do
      job = run_class do
        pipeline(:source, to: :one) { producer(:numbers) { emit(1) } }
        pipeline(:one) { consumer(:list) { |n| results << n } }
        pipeline(:two, from: :source) { consumer(:list) { |n| others << n } }
      end
      expect([job.results, job.others]).to eq([[1], [1]])
    end

    it "takes from a stage (contract 3.3)" do
      job = run_class do
        pipeline { producer(:numbers) { emit(5) } }
        pipeline(:sink, from: :numbers) { consumer(:list) { |n| results << n } }
      end
      expect(job.results).to eq([5])
    end
  end
end
