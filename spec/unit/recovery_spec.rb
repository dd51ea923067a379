# frozen_string_literal: true

RSpec.describe Minigun::Recovery do
  def define(word = nil, stage = {}, context = {})
    Class.new do
      include Minigun::DSL

      pipeline do
        producer(:source) { emit 1 }
        body = proc { consumer(:work, stage) { |n| n } }
        word ? public_send(word, 1, **context, &body) : instance_exec(&body)
      end
    end.new.run
  end

  bad = {
    { retries: -1 } => /retries.*-1/, { retries: 1.5 } => /retries.*1\.5/, { retries: "2" } => /retries.*"2"/,
    { backoff: -1 } => /backoff.*-1/, { backoff: "slow" } => /backoff.*"slow"/,
    { backoff: { bas: 1 } } => /backoff.*:bas/,
    { backoff: { base: nil } } => /backoff base.*nil/, { backoff: { jitter: 2 } } => /backoff jitter.*2/,
    { backoff: Float::NAN } => /backoff.*NaN/, { backoff: Complex(1, 1) } => /backoff/,
    { retry_on: "IOError" } => /retry_on.*"IOError"/, { discard_on: [IOError, 3] } => /discard_on.*3/,
    { timeout: 0 } => /timeout.*0/, { timeout: -2 } => /timeout.*-2/, { timeout: "1s" } => /timeout.*"1s"/,
    { timeout: Float::INFINITY } => /timeout.*Infinity/
  }
  bad_when_forked = {
    { on_crash: :bisekt } => /on_crash.*:bisekt.*:bisect/, { on_crash: true } => /on_crash.*true/,
    { grace: -0.1 } => /grace.*-0\.1/, { grace: [] } => /grace.*\[\]/,
    { spawn_timeout: 0 } => /spawn_timeout.*0/, { spawn_timeout: :long } => /spawn_timeout.*:long/
  }

  bad.merge(bad_when_forked).each do |options, text|
    it "refuses #{options} of a stage when it is defined, by stage and option (contract 4)" do
      expect { define(:processes, options) }.to raise_error(ArgumentError, /\Aconsumer :work: #{text}/)
    end

    it "refuses #{options} of a context block, by word and option (contract 4)" do
      expect { define(:processes, {}, options) }.to raise_error(ArgumentError, /\Aprocesses: #{text}/)
    end
  end

  [{ on_crash: :bisect }, { grace: 1 }, { spawn_timeout: 1 }].each do |options|
    it "refuses #{options} where there are no processes (contract 4)" do
      expect { define(nil, options) }.to raise_error(ArgumentError, /consumer :work: #{options.keys.first} needs/)
      expect { define(:threads, options) }.to raise_error(ArgumentError, /consumer :work: #{options.keys.first} needs/)
      expect { define(:threads, {}, options) }.to raise_error(ArgumentError, /threads: #{options.keys.first} needs/)
      expect(define(:processes, options)).to eq(1)
    end
  end

  it "refuses options of a stage on a pipeline (contract 4)" do
    klass = Class.new { include Minigun::DSL }
    klass.pipeline { pipeline(:inner, retries: 1) { consumer(:work) { |n| n } } }
    expect { klass.new.run }.to raise_error(ArgumentError, /pipeline :inner: retries/)
  end

  it "takes nil for what was not said" do
    nothing = described_class::OPTIONS.to_h { |option| [option, nil] }
    expect(define(nil, nothing)).to eq(1)
    expect(described_class.new(nothing)).to be_plain
  end

  it "takes the options of the stage before those of the block around it (contract 4)" do
    tries = Minigun::Native::Counters.new(1)
    klass = Class.new do
      include Minigun::DSL

      pipeline do
        producer(:source) { emit 1 }
        threads(1, retries: 5) { consumer(:work, retries: 1) { |_| tries.add(0, 1) && raise("no") } }
      end
    end
    klass.new.run
    expect(tries.get(0)).to eq(2)
  end

  describe Minigun::Backoff do
    def delays(value, attempts) = attempts.map { |attempt| described_class.from(value).delay(attempt) }

    it "is a fixed pause when it is a number" do
      expect(delays(2, [1, 2, 9])).to eq([2.0, 2.0, 2.0])
    end

    it "grows by the factor up to the cap" do
      expect(delays({ base: 1, factor: 3, max: 20, jitter: 0 }, [1, 2, 3, 4, 1_000_000])).to eq([1, 3, 9, 20, 20])
    end

    it "is exponential with jitter and a cap when it is true" do
      100.times do
        delays(true, [1, 2, 3, 50]).zip([0.1, 0.2, 0.4, 30]) do |delay, most|
          expect(delay).to be_between(most / 2.0, most)
        end
      end
      expect(Array.new(10) { delays(true, [1]) }.uniq.size).to be > 1
    end

    it "leaves the program's random numbers alone (reliability P20)" do
      Kernel.srand(5)
      expected = Array.new(3) { rand }
      Kernel.srand(5)
      seen = Array.new(3) { delays(true, [1]) && rand }
      expect(seen).to eq(expected)
    end

    it "is nothing when it is false" do
      expect([described_class.from(false), described_class.from(nil)]).to eq([nil, nil])
    end
  end
end
