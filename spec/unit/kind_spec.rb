# frozen_string_literal: true

RSpec.describe Minigun::Execution::Kind do
  let(:config) { { max_threads: 7, max_processes: 3 } }

  def resolve(context)
    kind = described_class.resolve(context, config)
    [kind.name, kind.width]
  end

  it "runs a stage without a context in line (contract 10.1)" do
    expect(resolve(nil)).to eq([:inline, 1])
  end

  {
    { type: :threads, pool_size: 9, mode: :pool } => [:thread, 9],
    { type: :processes, pool_size: 9, mode: :pool } => [:pool, 9],
    { type: :ractors, pool_size: 9, mode: :pool } => [:ractor, 9],
    { type: :threads, max: 6, mode: :per_batch } => [:thread_per_batch, 6],
    { type: :processes, max: 6, mode: :per_batch } => [:fork, 6],
    { type: :ractors, max: 6, mode: :per_batch } => [:ractor_per_batch, 6],
    { type: :inline, pool_size: 9, mode: :pool } => [:inline, 1]
  }.each do |context, expected|
    it "resolves #{context} to #{expected} (contract 4, 10.3)" do
      expect(resolve(context)).to eq(expected)
    end
  end

  it "has a default for each width of nil (contract 10.3)" do
    widths = [{ type: :threads, mode: :pool }, { type: :processes, mode: :pool }, { type: :ractors, mode: :pool },
              { type: :threads, mode: :per_batch }, { type: :processes, mode: :per_batch },
              { type: :ractors, mode: :per_batch }].map { |context| resolve(context).last }
    expect(widths).to eq([7, 3, 4, 4, 4, 4])
  end

  it "knows which work in children" do
    names = %i[inline thread thread_per_batch fork pool ractor ractor_per_batch]
    expect(names.select { |name| described_class.new(name, 1).process? }).to eq(%i[fork pool])
    expect(names.select { |name| described_class.new(name, 1).ractor? }).to eq(%i[ractor ractor_per_batch])
  end

  it "has a thread in place of each Ractor, and leaves the rest (contract 21.6)" do
    others = %i[ractor ractor_per_batch pool inline].map { |name| described_class.new(name, 3).without_ractors }
    expect(others.map { |kind| [kind.name, kind.width] })
      .to eq([[:thread, 3], [:thread_per_batch, 3], [:pool, 3], [:inline, 3]])
  end

  it "refuses an unknown type, naming it (contract 10.7)" do
    expect { resolve({ type: :fibers, mode: :pool }) }.to raise_error(ArgumentError, /Unknown context type: :fibers/)
  end

  it "takes threads where there is no fork, and says so once (contract 10.3)" do
    Minigun::Suggestion.instance_variable_get(:@warned).delete(:no_fork)
    allow(Process).to receive(:respond_to?).and_call_original
    allow(Process).to receive(:respond_to?).with(:fork).and_return(false)
    expect(resolve({ type: :processes, pool_size: 2, mode: :pool })).to eq([:thread, 2])
    expect(resolve({ type: :processes, max: 2, mode: :per_batch })).to eq([:thread_per_batch, 2])
    expect(log_output.scan("fork is not available").size).to eq(1)
  ensure
    Minigun::Suggestion.instance_variable_get(:@warned).delete(:no_fork)
  end
end
