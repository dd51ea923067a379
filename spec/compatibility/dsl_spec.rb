# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::DSL do
  let(:klass) do
    Class.new do
      include Minigun::DSL

      attr_reader :results

      def initialize
        @results = []
      end
    end
  end
  let(:task) { klass._minigun_task }

  before { allow(Minigun.logger).to receive(:info) }

  def define(&block)
    klass.pipeline(&block)
  end

  describe "what including brings" do
    it "is a task for each class (contract 3.1)" do
      other = Class.new { include Minigun::DSL }
      expect(task).to be_a(Minigun::Task)
      expect(other._minigun_task).not_to be(task)
      expect(klass._minigun_task).to be(task)
    end

    it "is pipeline at the class (contract 3.1)" do
      expect(klass).to respond_to(:pipeline)
    end

    it "is run at the instance, by many names (contract 3.2)" do
      names = %i[run perform execute go_brr! go_brrr! go_brrrr! go_brrrrr!]
      names.each { |name| expect(klass.new).to respond_to(name) }
    end
  end

  describe "settings" do
    it "are on the task at once (contract 3.1)" do
      klass.max_threads 11
      klass.max_processes 7
      klass.max_retries 9
      expect(task.config.values_at(:max_threads, :max_processes, :max_retries)).to eq([11, 7, 9])
    end
  end

  describe "words that are not for the class" do
    %i[producer processor consumer accumulator stage].each do |word|
      it "knows no #{word} in the class body (contract 3.1)" do
        expect do
          Class.new do
            include Minigun::DSL

            public_send(word, :name) { 1 }
          end
        end.to raise_error(NoMethodError, /undefined method/)
      end

      it "knows no #{word} at the class (contract 3.1)" do
        expect { klass.public_send(word, :name) { 1 } }.to raise_error(NoMethodError, /undefined method/)
      end
    end

    it "is known in the class body even where the instance has such a method (contract 3.1)" do
      klass.define_method(:producer) { :mine }
      expect { klass.class_eval { producer(:name) { 1 } } }.to raise_error(NoMethodError, /undefined method/)
    end
  end

  describe "stages" do
    it "are not there before a run (contract 3.4)" do
      define { producer(:source) { emit(1) } }
      expect(task.stages).to eq({})
    end

    it "are there after a run (contract 3.4)" do
      define do
        producer(:source) { emit(1) }
        processor(:work) { |n| emit(n) }
        consumer(:sink) { |n| results << n }
      end
      klass.new.run
      expect(task.root_pipeline.stages.size).to eq(3)
      expect(task.stages[:source].producer?).to be true
      expect(task.stages[:work]).to be_a(Minigun::AtomicStage)
      expect(task.stages[:sink].name).to eq(:sink)
    end

    it "are there after a run that raised (contract 3.4)" do
      define do
        before_run { raise "no run today" }
        producer(:source) { emit(1) }
        accumulator(:gather) { |batch| batch }
      end
      expect { klass.new.run }.to raise_error("no run today")
      expect(task.stages[:gather]).to be_a(Minigun::AccumulatorStage)
      expect(task.stages[:source]).not_to be_nil
    end

    it "are not doubled by a second run or a second instance (contract 3.4)" do
      define do
        before_run { results << :before }
        producer(:source) { emit(1) }
        consumer(:sink) { |n| results << n }
      end
      2.times { klass.new.run }
      job = klass.new
      2.times { job.run }
      expect(task.stages.size).to eq(2)
      expect(task.hooks[:before_run].size).to eq(1)
      expect(job.results).to eq([:before, 1, :before, 1])
    end

    it "have names of all kinds (contract 4)" do
      names = %i[loop proc process log load stage accumulator A_handler]
      names << :"with space"
      define do
        producer(:source) { emit(0) }
        names.each { |name| processor(name) { |n| emit(n + 1) } }
        consumer(:print) { |n| results << n }
      end
      job = klass.new
      job.run
      expect(job.results).to eq([names.size])
    end

    it "take a Hash of options (contract 4)" do
      options = { to: :sink, colour: :red }
      define do
        producer(:source, options) { emit(1) }
        consumer(:sink) { |n| results << n }
      end
      klass.new.run
      expect(task.stages[:source].options).to eq(colour: :red)
      expect(options).to eq(to: :sink, colour: :red)
    end
  end

  describe "context blocks" do
    def contexts(&block)
      define(&block)
      klass.new.run
      task.stages.transform_values(&:execution_context)
    end

    it "give their context to the stages inside (contract 4, 15)" do
      found = contexts do
        producer(:source) { emit(1) }
        threads(3) { processor(:a) { |n| emit(n) } }
        thread_per_batch(max: 2) { processor(:b) { |n| emit(n) } }
        ractors(2) { consumer(:c) { |n| n } }
      end
      expect(found).to eq(source: nil, a: { type: :threads, pool_size: 3, mode: :pool },
                          b: { type: :threads, max: 2, mode: :per_batch },
                          c: { type: :ractors, pool_size: 2, mode: :pool })
    end

    it "nest, and give the outer one back (contract 4)" do
      found = contexts do
        threads(5) do
          producer(:source) { emit(1) }
          threads(2) { processor(:inner) { |n| emit(n) } }
          processor(:outer) { |n| emit(n) }
        end
        consumer(:sink) { |n| n }
      end
      expect(found.transform_values { |context| context && context[:pool_size] })
        .to eq(source: 5, inner: 2, outer: 5, sink: nil)
    end

    it "are beaten by a context with a name (contract 4)" do
      found = contexts do
        execution_context :narrow, :threads, 1
        producer(:source) { emit(1) }
        threads(5) { consumer(:sink, execution_context: :narrow) { |n| n } }
      end
      expect(found[:sink]).to eq(type: :threads, pool_size: 1, mode: :pool)
    end

    it "do without sizes (contract 4, 10.3)" do
      define do
        producer(:source) { 6.times { |n| emit(n) } }
        batch nil
        threads(nil) { processor(:open) { |batch| batch.each { |n| emit(n) } } }
        thread_per_batch(max: nil) { processor(:pass) { |n| emit(n) } }
        consumer(:sink) { |n| results << n }
      end
      expect(klass.new.tap(&:run).results.sort).to eq((0..5).to_a)
    end
  end

  describe "a class that is opened again" do
    let(:body) do
      dsl = described_class
      proc do
        include dsl

        max_threads 4
        pipeline do
          before_run { results << :hook }
          producer(:source) { 3.times { |n| emit(n) } }
          batch 2
          consumer(:sink) { |batch| results << batch }
        end
      end
    end

    it "has everything once (contract 3.7)" do
      3.times { klass.class_eval(&body) }
      expect(klass.new.tap(&:run).results).to eq([:hook, [0, 1], [2]])
      expect(task.stages.keys).to eq(%i[source _batch_0 sink])
      expect(task.config[:max_threads]).to eq(4)
    end

    it "replaces a stage that is defined again without including (contract 3.7)" do
      klass.class_eval(&body)
      klass.pipeline { consumer(:sink) { |batch| results << [:again, batch] } }
      expect(klass.new.tap(&:run).results).to eq([:hook, [:again, [0, 1]], [:again, [2]]])
    end
  end

  describe "hooks" do
    %i[before_run after_run before_fork after_fork].each do |type|
      it "keeps #{type}, once, without any stage (contract 3.4)" do
        define { public_send(type) { nil } }
        begin
          klass.new.run
        rescue StandardError
          nil
        end
        expect(task.hooks[type].size).to eq(1)
      end
    end
  end

  describe "blocks" do
    it "run a pipeline (contract 3.3)" do
      define do
        producer(:source) { 3.times { |n| emit(n) } }
        consumer(:sink) { |n| results << (n * 2) }
      end
      job = klass.new
      expect(job.run).to eq(3)
      expect(job.results).to eq([0, 2, 4])
    end

    it "add up (contract 3.3)" do
      define { producer(:source) { emit(1) } }
      define { consumer(:sink) { |n| results << n } }
      job = klass.new
      job.run
      expect(job.results).to eq([1])
    end

    it "may stand before the constructor (contract 3.2)" do
      early = Class.new do
        include Minigun::DSL

        pipeline do
          producer(:source) { emit(@start) }
          consumer(:sink) { |n| @list << n }
        end

        attr_reader :list

        def initialize(start)
          @start = start
          @list = []
        end
      end
      job = early.new(5)
      job.run
      expect(job.list).to eq([5])
    end

    it "see captured variables (contract 3.4)" do
      list = []
      define do
        producer(:source) { emit(:captured) }
        consumer(:sink) { |item| list << item }
      end
      klass.new.run
      expect(list).to eq([:captured])
    end

    it "see variables and private methods of the instance (contract 3.4)" do
      klass.class_eval do
        define_method(:initialize) do
          @size = 2
          @results = []
        end
        define_method(:width) { 3 }
        private :width
      end
      define do
        producer(:source) { 5.times { |n| emit(n) } }
        batch @size
        threads(width) { consumer(:sink) { |pair| results << pair } }
      end
      job = klass.new
      job.run
      expect(job.results).to contain_exactly([0, 1], [2, 3], [4])
    end

    it "number unnamed batches from 0 (contract 4)" do
      define do
        producer(:source) { emit(1) }
        batch 3
        processor(:open) { |batch| batch.each { |n| emit(n) } }
        batch 5
        consumer(:sink) { |batch| results << batch }
      end
      2.times { klass.new.run }
      expect(task.stages.keys).to eq(%i[source _batch_0 open _batch_1 sink])
    end

    it "run by perform and by its aliases (contract 3.2)" do
      define do
        producer(:source) { emit(1) }
        consumer(:sink) { |n| results << n }
      end
      job = klass.new
      expect(%i[perform execute go_brrr!].map { |name| job.public_send(name) }).to eq([1, 1, 1])
      expect(job.results).to eq([1, 1, 1])
    end

    it "leave methods and variables of the user alone (contract 3.2)" do
      klass.class_eval do
        def stats = :my_stats
        def errors = :my_errors
        def name = :my_name
        def report = :my_report

        define_method(:initialize) do
          @results = []
          @config = @stats = @name = @threads = @mutex = :mine
        end
      end
      define do
        producer(:source) { emit([@config, @stats, @name, @threads, @mutex]) }
        consumer(:sink) { |values| results << values << stats << errors << name << report }
      end
      job = klass.new
      job.run
      expect(job.results).to eq([%i[mine] * 5, :my_stats, :my_errors, :my_name, :my_report])
    end
  end
end
