# frozen_string_literal: true

RSpec.describe "rate and limit of a stage" do
  include Runs

  include_context "base set"

  let!(:times) { Minigun::SharedArray.new }

  let!(:began) { now }

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def start = times << now

  # However late the single starts are, the last one is not before its time.
  def expect_pace(count, interval)
    expect(times.size).to eq(count)
    expect(times.max - began).to be >= (count - 1) * interval
  end

  Runs::KINDS.each do |kind|
    it "hold over all threads and children of #{kind}" do
      count = 24
      note = method(:start)
      gauge = Runs::Gauge.new
      job = job do
        producer(:numbers) { count.times { |i| emit(i) } }
        Runs.within(self, kind, 6) do |options|
          consumer(:work, rate: 100, per: 1, limit: 2, **options) do |_|
            gauge.enter
            note.call
            gauge.leave
          end
        end
      end
      job.run
      expect(job.report.processed).to eq(count)
      expect(gauge.max).to be <= 2
      expect_pace(count, 0.01)
    end
  end

  it "hold over all slots behind a router" do
    gauge = Runs::Gauge.new
    note = method(:start)
    job = job do
      producer(:numbers) { 24.times { |i| emit(i) } }
      partition by: ->(i) { i }
      threads(4) do
        consumer(:work, rate: 200, limit: 1) do |_|
          gauge.enter
          note.call
          gauge.leave
        end
      end
    end
    job.run
    expect([job.report.failed, gauge.max]).to eq([0, 1])
    expect_pace(24, 0.005)
  end

  it "counts each attempt at an item" do
    note = method(:start)
    job = job do
      producer(:one) { emit(1) }
      consumer(:work, rate: 50, retries: 4) { |_| note.call && attempt < 5 && raise("again") }
    end
    job.run
    expect(job.report.failed).to eq(0)
    expect_pace(5, 0.02)
  end

  it "lets a burst through, and then keeps the pace" do
    throttle = Minigun::Execution::Throttle.new(rate: 1, per: 3_600, burst: 5)
    expect(Array.new(5) { throttle.pass { start && :passed } }).to all(eq(:passed))
    expect { Timeout.timeout(0.05) { throttle.pass { start } } }.to raise_error(Timeout::Error)
    quick = Minigun::Execution::Throttle.new(rate: 2, per: 0.1, burst: 3)
    began = now
    ended = Array.new(5) { quick.pass { now } }.last
    expect([times.size, ended - began >= 0.1]).to eq([5, true])
  end

  it "gives the place of a killed child to a later item" do
    seen = Minigun::SharedArray.new
    job = job do
      producer(:numbers) { 8.times { |i| emit(i) } }
      processes(4) do
        consumer(:work, limit: 1) do |i|
          seen << i
          Process.kill(:KILL, Process.pid) && sleep if i < 2
        end
      end
    end
    job.run
    expect([seen.to_a.sort, job.report.failed, job.report.processed]).to eq([[*0...8], 2, 6])
  end

  it "limits the batches of an accumulator's block, with and without a context" do
    gauge = Runs::Gauge.new
    [{}, { execution_context: :pool }].each do |options|
      job = job do
        execution_context :pool, :threads, 4
        producer(:numbers) { 20.times { |i| emit(i) } }
        accumulator(:sum, max_size: 2, limit: 1, rate: 1_000, **options) do |batch|
          gauge.enter
          Thread.pass
          gauge.leave
          batch.sum
        end
        consumer(:keep) { |sum| @results << sum }
      end
      job.run
      expect([job.results.sum, job.report.failed, gauge.max]).to eq([190, 0, 1])
    end
  end

  it "can be said for all stages of a context block, except producers; each has its own" do
    gauge = Runs::Gauge.new
    job = job do
      threads 4, limit: 1, rate: 500, burst: 500 do
        producer(:numbers) { 10.times { |i| emit(i) } }
        processor :double do |i|
          gauge.enter
          emit(i * 2)
          gauge.leave
        end
        consumer(:keep) { |i| @results << i }
      end
    end
    job.run
    expect([job.results.sum, gauge.max]).to eq([90, 1])
  end

  it "end with the run when it is given up while items wait for their time" do
    job = job do
      producer(:numbers) { 5.times { |i| emit(i) } }
      consumer(:work, rate: 1, per: 3_600) { |i| @results << i }
    end
    run = Thread.new { job.run }
    eventually { job.results.any? }
    run.kill.join
    expect(job.results).to eq([0])
  end

  it "keep Ractors away" do
    job = job do
      producer(:numbers) { 3.times { |i| emit(i) } }
      ractors(2) { consumer(:work, limit: 2) { |i| i } }
    end
    job.run
    expect(job.report.processed).to eq(3)
    expect(log_output).to include("runs in threads, not in Ractors: its pace is limited")
  end

  {
    { rate: 0 } => /consumer :x: rate must be a number above 0, got 0/,
    { rate: "5" } => /rate must be a number above 0, got "5"/,
    { rate: 5, per: -1 } => /per must be a number above 0, got -1/,
    { rate: 5, burst: 0 } => /burst must be an Integer of at least 1, got 0/,
    { per: 1 } => /consumer :x: per needs a rate/,
    { burst: 1 } => /burst needs a rate/,
    { limit: 0 } => /limit must be an Integer of at least 1, got 0/,
    { limit: 1.5 } => /limit must be an Integer of at least 1, got 1.5/
  }.each do |options, message|
    it "refuses #{options}" do
      expect { job { consumer(:x, options) { |_| nil } }.run }.to raise_error(ArgumentError, message)
    end
  end

  it "are refused where they have no meaning" do
    expect { job { producer(:x, rate: 1) { nil } }.run }
      .to raise_error(ArgumentError, /producer :x: rate is for stages that take items/)
    expect { job { accumulator(:x, limit: 1) }.run }
      .to raise_error(ArgumentError, /accumulator :x: limit needs a block/)
    expect { job { pipeline(:x, limit: 1) { nil } }.run }
      .to raise_error(ArgumentError, /pipeline :x: limit is an option of stages/)
    expect { job { threads(2, rate: -1) { nil } }.run }.to raise_error(ArgumentError, /threads: rate must be/)
  end
end
