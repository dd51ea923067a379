# frozen_string_literal: true

RSpec.describe "a stage with ordered emissions" do
  include Runs

  include_context "base set"

  Runs::KINDS.each do |kind|
    it "keeps the order of its items, from #{kind}" do
      job = job do
        producer(:numbers) { 40.times { |i| emit(i) } }
        Runs.within(self, kind, 4) do |options|
          processor(:work, ordered: true, **options) do |i|
            emit([i, 0])
            sleep(0.002) if (i % 4).zero?
            raise "bad" if i % 10 == 9

            emit([i, 1])
            emit_to_stage(:keep, [i, 2])
          end
        end
        consumer(:keep) { |pair| @results << pair }
      end
      job.run
      expect(job.results).to eq((0...40).flat_map { |i| i % 10 == 9 ? [[i, 0]] : [[i, 0], [i, 1], [i, 2]] })
      expect(job.report.failed).to eq(4)
    end
  end

  it "keeps the order with retries, and when children are killed" do
    job = job do
      producer(:numbers) { 20.times { |i| emit(i) } }
      processes(3, retries: 2, ordered: true) do
        processor :work do |i|
          emit(i)
          Process.kill(:KILL, Process.pid) && sleep if i % 6 == 5 && attempt == 1
        end
      end
      consumer(:keep) { |i| @results << i }
    end
    job.run
    expect(job.results).to eq([*0...20])
  end

  it "keeps the order through an accumulator's block and several stages" do
    job = job do
      threads(4, ordered: true) do
        producer(:numbers) { 60.times { |i| emit(i) } }
        processor(:double) { |i| Thread.pass || emit(i * 2) }
        accumulator(:sum, max_size: 3) { |batch| Thread.pass || batch.sum }
        processor(:same) { |sum| emit(sum) }
      end
      consumer(:keep) { |sum| @results << sum }
    end
    job.run
    expect(job.results).to eq((0...60).each_slice(3).map { |batch| batch.sum * 2 })
  end

  it "goes no further ahead than its window" do
    opened = gate
    taken = Minigun::SharedCounter.new
    ahead = Thread::Queue.new
    job = job do
      producer(:numbers) { 30.times { |i| emit(i) } }
      threads 3 do
        processor :work, ordered: 5 do |i|
          taken.increment
          ahead << i
          opened.wait if i.zero?
          emit(i)
        end
      end
      consumer(:keep) { |i| @results << i }
    end
    run = Thread.new { job.run }
    5.times { ahead.pop }
    50.times { Thread.pass }
    expect([taken.value, job.results]).to eq([5, []])
    opened.open
    run.join
    expect(job.results).to eq([*0...30])
  end

  it "holds back an item that emits without end until it is its turn" do
    opened = gate
    held = Minigun::SharedCounter.new
    job = job do
      producer(:numbers) { 2.times { |i| emit(i) } }
      threads 2 do
        processor :work, ordered: true do |i|
          opened.wait if i.zero?
          1_000.times do |n|
            emit([i, n])
            held.increment
          end
        end
      end
      consumer(:keep) { |pair| @results << pair }
    end
    run = Thread.new { job.run }
    eventually { held.value >= Minigun::Flow::Sequence::HELD }
    expect(job.results).to eq([])
    opened.open
    run.join
    expect(job.results).to eq([0, 1].product([*0...1_000]))
  end

  it "lets go of everything when the run is given up" do
    opened = gate
    job = job do
      producer(:numbers) { 100.times { |i| emit(i) } }
      threads 3 do
        processor :work, ordered: 2 do |i|
          @results << :waits if i.zero?
          i.zero? ? opened.wait : emit(i)
        end
      end
      consumer(:keep) { |_| nil }
    end
    run = Thread.new { job.run }
    eventually { job.results.any? }
    run.kill.join
    expect(job.results).to eq([:waits])
  end

  it "goes on when a block ends its thread" do
    job = job do
      producer(:numbers) { 10.times { |i| emit(i) } }
      threads(2) { processor(:work, ordered: true) { |i| i == 3 ? Thread.exit : emit(i) } }
      consumer(:keep) { |i| @results << i }
    end
    job.run
    expect([job.results, job.report.failed]).to eq([[*0...10] - [3], 1])
  end

  it "does not wait for a slot that a router gives nothing" do
    job = job do
      producer(:numbers) { 2_000.times { |i| emit(i) } }
      partition by: ->(i) { i / 1_000 }
      threads(3) { processor(:work, ordered: true) { |i| emit(i) } }
      consumer(:keep) { |i| @results << i }
    end
    run = Thread.new { job.run }
    expect(run.join(10)).to equal(run)
    expect(job.results.sort).to eq([*0...2_000])
  ensure
    run.kill.join
  end

  it "refuses what is no window" do
    [0, -1, 1.5, "yes"].each do |value|
      expect { job { consumer(:x, ordered: value) { |_| nil } }.run }
        .to raise_error(ArgumentError, /consumer :x: ordered must be true or an Integer of at least 1, got/)
    end
  end
end
