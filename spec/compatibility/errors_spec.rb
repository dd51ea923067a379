# frozen_string_literal: true

require "timeout"
require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "errors" do
  before { allow(Minigun.logger).to receive(:info) }

  let(:klass) do
    Class.new do
      include Minigun::DSL

      attr_reader :results, :errors

      def initialize
        @results = []
        @errors = []
        @mutex = Mutex.new
      end
    end
  end

  def run(&block)
    klass.pipeline(&block)
    klass.new.tap(&:run)
  end

  it "name a stage that is missing (contract 9)" do
    expect { run { producer(:source, to: :nowhere) { emit(1) } } }.to raise_error(Minigun::Error, /nowhere/)
  end

  it "name a missing source (contract 9)" do
    expect do
      run do
        producer(:source) { emit(1) }
        consumer(:sink, from: :elsewhere) { |n| results << n }
      end
    end.to raise_error(Minigun::Error, /elsewhere/)
  end

  it "come before any producer starts (contract 9)" do
    started = []
    expect do
      run do
        producer(:source, to: :nowhere) { started << :source }
        consumer(:sink) { |n| results << n }
      end
    end.to raise_error(Minigun::Error)
    expect(started).to eq([])
  end

  it "can be noted by the consumer that meets them (contract 10.7)" do
    job = run do
      producer(:source) { 5.times { |n| emit(n) } }
      consumer :sink do |n|
        if n == 2
          @mutex.synchronize { errors << "error with #{n}" }
        else
          @mutex.synchronize { results << n }
        end
      end
    end
    expect(job.results).to contain_exactly(0, 1, 3, 4)
    expect(job.errors).to eq(["error with 2"])
  end

  it "of a consumer do not end the run (contract 10.7)" do
    job = run do
      producer(:source) { 5.times { |n| emit(n) } }
      consumer(:sink) { |n| n == 2 ? raise("bad item") : results << n }
    end
    expect(job.results).to eq([0, 1, 3, 4])
    expect(log_output).to include("bad item")
  end

  it "of a processor do not end the run (contract 10.7)" do
    job = run do
      producer(:source) { 5.times { |n| emit(n) } }
      processor(:divide) { |n| emit(12 / n) }
      consumer(:sink) { |n| results << n }
    end
    expect(job.results).to eq([12, 6, 4, 3])
  end

  it "of an accumulator do not end the run (contract 10.7)" do
    job = run do
      producer(:source) { 4.times { |n| emit(n) } }
      accumulator(:pairs, max_size: 2) { |pair| pair.include?(0) ? raise("bad pair") : pair }
      consumer(:sink) { |pair| results << pair }
    end
    expect(job.results).to eq([[2, 3]])
  end

  it "of a child do not end the run (contract 10.4)" do
    job = run do
      producer(:source) { 3.times { |n| emit(n) } }
      process_per_batch(max: 2) { consumer(:sink) { |n| n == 1 ? raise("child fails") : results << n } }
    end
    expect(job.results).to contain_exactly(0, 2)
    expect(log_output).to include("child fails")
  end

  describe "from outside" do
    def expect_interrupt(&block)
      define_hanging(&block)
      job = klass.new
      expect { Timeout.timeout(0.3) { job.run } }.to raise_error(Timeout::Error)
      job
    end

    def define_hanging(&block)
      klass.pipeline do
        producer(:source) { 2.times { |n| emit(n) } }
        instance_exec(&block)
      end
    end

    it "end a run that waits for a stage (contract 10.8)" do
      expect_interrupt { consumer(:sink) { |_n| sleep 100 } }
    end

    it "end a run that waits for a child (contract 10.8)" do
      expect_interrupt { process_per_batch(max: 2) { consumer(:sink) { |_n| sleep 100 } } }
      eventually(2) { children_of(Process.pid).empty? }
    end

    it "leave a class that can run again (contract 10.8)" do
      gate = Queue.new
      expect_interrupt { consumer(:sink) { |n| gate.size < 2 ? sleep(100) : results << n } }
      2.times { gate << :go }
      expect(klass.new.tap(&:run).results).to eq([0, 1])
    end
  end

  it "leave handlers of signals as they were (contract 13, 19.17)" do
    mine = proc {}
    before = trap("INT", mine)
    run { producer(:source) { emit(1) } }
    expect { Class.new(klass) { pipeline { producer(:x, to: :nowhere) { emit(1) } } }.new.run }
      .to raise_error(Minigun::Error)
    expect(trap("INT", before)).to be(mine)
  end

  it "of a context that has no name (contract 10.7)" do
    expect { run { processor(:work, execution_context: :unheard_of) { |n| emit(n) } } }
      .to raise_error(ArgumentError, /Unknown execution context/)
  end
end
