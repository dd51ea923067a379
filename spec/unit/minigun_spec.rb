# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun do
  it "has a version and an error class (contract 2)" do
    expect(described_class::VERSION).to match(/\A\d+\.\d+\.\d+\z/)
    expect(described_class::Error.superclass).to equal(StandardError)
  end

  it "logs to stdout from INFO on, with one object, until it is given another (contract 2)" do
    described_class.logger = nil
    expect do
      described_class.logger.info("shown")
      described_class.logger.debug("not shown")
    end.to output(/: shown\n\z/).to_stdout
    expect(described_class.logger).to be_a(Logger).and equal(described_class.logger)
    described_class.logger = other = Logger.new(IO::NULL)
    expect(described_class.logger).to equal(other)
  end

  it "calls info on the logger with one String, so that it can be stubbed (contracts 2 and 14)" do
    allow(described_class.logger).to receive(:info)
    run_job { pipeline { producer(:gen) { emit(1) } } }
    expect(described_class.logger).to have_received(:info).with(an_instance_of(String)).at_least(:once)
  end

  it "has the constants that scripts name (contract 2)" do
    classes = %w[DSL DSL::ClassMethods Task Pipeline DAG Stage AtomicStage AccumulatorStage PipelineStage Stats
                 AggregatedStats Runner Execution Execution::Context Execution::InlineContext
                 Execution::ThreadContext Execution::ForkContext Execution::RactorContext
                 Execution::ContextPool]
    expect(classes.map { |name| described_class.const_get(name).name }).to eq(classes.map { |name| "Minigun::#{name}" })
    expect(described_class::Stats::RESERVOIR_SIZE).to eq(1000)
  end

  it "has the classes descend from each other as scripts expect (contract 7)" do
    expect(described_class::AccumulatorStage.superclass).to equal(described_class::AtomicStage)
    expect([described_class::AtomicStage, described_class::PipelineStage].map(&:superclass))
      .to all(equal(described_class::Stage))
  end

  it "hands out the running block, by which every item can be emitted (contract 21.7)" do
    library = described_class
    job = run_job(rows: []) do
      def emit(item) = @rows << [:own, item]

      pipeline do
        producer(:gen) { library.current.emit(1) }
        processor(:name) { |_| library.current.emit_to_stage(:keep, library.current.stage_name) }
        consumer(:keep) { |item| @rows << item }
      end
    end
    expect(job.rows).to eq([:name])
    expect(described_class.current).to be_nil
  end
end
