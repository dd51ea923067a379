# frozen_string_literal: true

RSpec.describe "stop!: a run that is ended early, with a value" do
  include Runs

  include_context "base set"

  Runs::KINDS.each do |kind|
    it "works off what the stage has emitted, and drops what waits for it, from #{kind}" do
      emitted = Minigun::SharedCounter.new
      stopped = Minigun::SharedCounter.new
      others_wait = -> { eventually { emitted.value > 40 } }
      end_comes = -> { eventually { stopped.value.positive? } }
      job = job do
        producer(:numbers) do
          (1..).each { |i| emit(i) || emitted.increment }
        ensure
          stopped.increment
        end
        Runs.within(self, kind) do |options|
          processor(:find, options) do |i|
            end_comes.call if i > 20
            emit(i)
            others_wait.call && stop!(found: i) if i == 20
          end
        end
        consumer(:keep) { |i| @results << i }
      end
      value = job.run
      expect(value).to eq({ found: 20 })
      expect(job.results).to include(*1..20)
      totals = job.report.totals
      expect(job.report.stopped? && job.report.value).to eq(value)
      expect(totals[:accepted]).to eq(totals[:processed] + totals[:abandoned])
      expect(totals[:abandoned]).to be_positive
      expect(job.report.to_h).to include(stopped: true)
    end
  end

  it "returns the count without a value, and nil or false as they are" do
    [[[], 1], [[nil], nil], [[false], false]].each do |arguments, value|
      job = job { producer(:numbers) { emit(1) || stop!(*arguments) } }
      expect([job.run, job.report.stopped?, log_output]).to match([value, true, /Finished in/])
    end
    job = job { producer(:numbers) { emit(1) } }
    expect([job.run, job.report.stopped?, job.report.value]).to eq([1, false, nil])
  end

  it "takes the first value of many, and stops all producers" do
    job = job do
      3.times { |n| producer(:"numbers#{n}", to: :find) { loop { emit(n) } } }
      threads(3) { consumer(:find) { |i| stop!(i) } }
    end
    expect(job.run).to eq(job.report.value)
    expect(job.report.value).to be_between(0, 2)
  end

  it "stops a producer that calls it, in the parent and in a child" do
    %i[inline processes].each do |kind|
      job = job(after: []) do
        Runs.within(self, kind) do |options|
          producer(:numbers, options) do
            (1..).each do |i|
              emit(i)
              stop!(i) if i == 5
            end
          end
        end
        producer(:others, to: :keep) { sleep }
        consumer(:keep) { |i| @results << i }
        after_run { @after << :after_run }
      end
      expect(job.run).to eq(5)
      expect(job.results.first(5)).to eq([1, 2, 3, 4, 5])
      expect(job.variable(:after)).to eq([:after_run])
    end
  end

  it "drops what an accumulator before it has gathered, and works off what is behind" do
    job = job do
      producer(:numbers) { (1..).each { |i| emit(i) } }
      batch 7
      processor(:find) { |batch| batch.each { |i| emit(i) } && stop!(:found) }
      batch 100
      consumer(:keep) { |batch| @results << batch }
    end
    expect([job.run, job.results]).to eq([:found, [[*1..7]]])
  end

  it "drops what is gathered by half, with rules or without" do
    [{}, { max_wait: 3600 }, { by: :odd?, max_total: 50 }].each do |rules|
      gathered = gate
      job = job do
        producer(:numbers) do
          10.times { |i| emit(i) }
          emit_to_stage(:find, :stop)
          gathered.open
          sleep
        end
        accumulator(:pack, { max_size: 7 }.merge(rules))
        consumer(:find) { |batch| batch == :stop ? gathered.wait && stop!(:found) : @results << batch.size }
      end
      expect([job.run, job.report.stages[:pack]]).to match([:found, include(accepted: 10, failed: 0)])
    end
  end

  it "is found without the DSL, from a hook and from a thread of the block" do
    job = job do
      producer(:numbers) { (1..).each { |i| emit(i) } }

      after(:find) { Thread.new { Minigun.current.stop!(:thread) }.join }

      consumer(:find) { |_| nil }
    end
    expect(job.run).to eq(:thread)
  end

  it "lets a method of the user's win" do
    job = Class.new(class_of_jobs { producer(:numbers) { emit(stop!) } }) { def stop! = :mine }.new
    expect([job.run, job.report.stopped?]).to eq([1, false])
  end

  it "is refused outside of blocks, with two values, and with one that cannot be sent" do
    expect { job { producer(:x) { nil } }.stop!(1) }
      .to raise_error(Minigun::Error, /stop! called outside a stage block/)
    job = job do
      producer(:numbers) { 2.times { |i| emit(i) } }
      processes(1) { consumer(:x) { |i| i.zero? ? stop!(1, 2) : stop!(proc {}) } }
    end
    job.run
    expect(job.report.failures.map { |failure| failure.error.class }).to eq([ArgumentError, Minigun::SerializationError])
    expect(job.report.stopped?).to be(false)
  end
end
