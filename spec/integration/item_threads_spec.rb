# frozen_string_literal: true

RSpec.describe "threads of a child that work on the items of its batch" do
  include Runs

  include_context "base set"

  %i[processes process_per_batch named_processes].each do |kind|
    it "give each item an outcome of its own, from #{kind}" do
      job = job(seen: [], pids: {}) do
        producer(:numbers) { 20.times { |i| emit(i) } }
        batch 5
        Runs.within(self, kind) do |options|
          processor(:work, threads: 3, **options) do |i|
            raise ArgumentError, "bad #{i}" if i % 6 == 5

            @seen << i
            @pids[Process.pid] = true
            emit(i * 2)
          end
        end
        consumer(:keep) { |i| @results << i }
      end
      job.run
      good = [*0...20] - [5, 11, 17]
      expect([job.results.sort, job.variable(:seen).sort]).to eq([good.map { |i| i * 2 }, good])
      expect(job.variable(:pids).keys).not_to include(Process.pid)
      expect(job.report.failures.map { |one| [one.item, one.error.class, one.error.message] })
        .to match_array([5, 11, 17].map { |i| [i.to_s, ArgumentError, "bad #{i}"] })
      expect(job.report.stages[:work]).to include(accepted: 20, processed: 17, failed: 3, abandoned: 0)
    end
  end

  it "are so many at once, in each child" do
    meeting = rendezvous(3)
    job = job do
      producer(:batch) { emit([*1..6]) }
      process_per_batch(max: 1) { consumer(:work, threads: 3) { |_| meeting.meet } }
    end
    job.run
    expect([meeting.max, job.report.failed, job.report.processed]).to eq([3, 0, 6])
  end

  it "try again only what failed, and deliver what an item emits once" do
    tries = Minigun::SharedHash.new
    job = job do
      producer(:batch) { emit([*0...8]) }
      processes(1) do
        processor(:work, threads: 4, retries: 2) do |i|
          emit(i)
          raise "once more" if tries.add(i) < (i % 3) + 1 + (i == 7 ? 5 : 0)
        end
      end
      consumer(:keep) { |i| @results << i }
    end
    job.run
    expect(job.results.sort).to eq([*0...7])
    expect(tries.to_h).to eq({ 0 => 1, 1 => 2, 2 => 3, 3 => 1, 4 => 2, 5 => 3, 6 => 1, 7 => 3 })
    expect(job.report.failures.map { |one| [one.item, one.attempt] }).to eq([["7", 3]])
    expect(job.report.stages[:work]).to include(accepted: 8, processed: 7, failed: 1, retried: 8)
  end

  it "lose the batch with their child, or are cut in halves until the culprit is found" do
    [{}, { on_crash: :bisect }].each do |options|
      job = job do
        producer(:batch) { emit([*0...8]) }
        processes(1) do
          consumer(:work, threads: 2, **options) { |i| Process.kill(:KILL, Process.pid) && sleep if i == 5 }
        end
      end
      job.run
      failed = options.empty? ? 8 : 1
      expect(job.report.stages[:work]).to include(accepted: 8, processed: 8 - failed, failed: failed, abandoned: 0)
      expect(job.report.failures.map { |one| one.error.class }.uniq).to eq([Minigun::WorkerDied])
    end
  end

  ["raises", "calls exit", "throws", "ends its thread", "recurses without end"].each do |what|
    it "outlive an item whose block #{what}" do
      fault, _, text = Runs::FAULTS.fetch(what)
      job = job do
        producer(:batch) { 2.times { emit([*0...6]) } }
        processes(1) { processor(:work, threads: 2) { |i| i == 2 ? fault.call : emit(i) } }
        consumer(:keep) { |i| @results << i }
      end
      job.run
      expect(job.results.sort).to eq([0, 0, 1, 1, 3, 3, 4, 4, 5, 5])
      expect(job.report.failures.map { |one| [one.item, one.error.message] }).to all(match(["2", text]))
      expect(job.report.stages[:work]).to include(accepted: 12, processed: 10, failed: 2)
    end
  end

  it "keep to rate and limit one by one, over all children" do
    gauge = Runs::Gauge.new
    job = job do
      producer(:batches) { 4.times { |n| emit([*((n * 5)...((n + 1) * 5))]) } }
      processes(2) do
        consumer(:work, threads: 5, limit: 3, rate: 1_000) do |_|
          gauge.enter
          sleep(0.001)
          gauge.leave
        end
      end
    end
    job.run
    expect(gauge.max).to be <= 3
    expect(job.report.stages[:work]).to include(accepted: 20, processed: 20)
  end

  it "give their places back when their child is killed" do
    job = job do
      producer(:batches) { 4.times { |n| emit([*((n * 5)...((n + 1) * 5))]) } }
      processes(2) do
        consumer(:work, threads: 5, limit: 1) { |i| Process.kill(:KILL, Process.pid) && sleep if i == 7 }
      end
    end
    job.run
    expect(job.report.stages[:work]).to include(accepted: 20, processed: 15, failed: 5)
  end

  it "call hooks around each item, and take what is no Array for one item" do
    job = job(calls: []) do
      producer(:things) { [[1, 2], 3, [], [[4]]].each { |thing| emit(thing) } }
      before(:work) { @calls << :before }
      after(:work) { @calls << :after }

      process_per_batch(max: 1) { consumer(:work, threads: 2) { |i| @results << i } }
    end
    job.run
    expect(job.results).to contain_exactly(1, 2, 3, [4])
    expect(job.variable(:calls).tally).to eq({ before: 4, after: 4 })
    expect(job.report.totals).to include(failed: 0, abandoned: 0)
  end

  it "tell on_failure and dead_letter of single items" do
    job = job(told: []) do
      dead_letter :grave
      on_failure { |item, error| @told << [item, error.message] }
      producer(:batch) { emit([1, 2, 3]) }
      processes(1) { consumer(:work, threads: 2) { |i| raise "bad" if i == 2 } }
      consumer(:grave) { |letter| @results << letter.item }
    end
    job.run
    expect([job.results, job.variable(:told)]).to eq([[2], [[2, "bad"]]])
  end

  it "work in the first child of a process, too" do
    result = run_script(<<~RUBY)
      require "minigun"
      Minigun.logger = Logger.new(nil)
      job = Class.new do
        include Minigun::DSL
        attr_reader :seen
        def initialize = @seen = []
        pipeline do
          producer(:batch) { emit([1, 2, 3]) }
          process_per_batch(max: 1, threads: 2, limit: 1) { consumer(:work) { |i| @seen << i } }
        end
      end.new
      job.run
      p job.seen.sort, job.report.failed
    RUBY
    expect(result.stdout).to eq("[1, 2, 3]\n0\n")
  end

  it "are refused where there are no children, and with bad numbers" do
    expect { job { consumer(:x, threads: 2) { |_| nil } }.run }
      .to raise_error(ArgumentError, /consumer :x: the option threads needs processes or process_per_batch/)
    expect { job { threads(2, threads: 2) { nil } }.run }.to raise_error(ArgumentError, /threads: the option threads/)
    expect { job { processes(2) { consumer(:x, threads: 0) { |_| nil } } }.run }
      .to raise_error(ArgumentError, /consumer :x: threads must be an Integer of at least 1, got 0/)
    expect { job { processes(2) { accumulator(:x, threads: 2) { |batch| batch } } }.run }
      .to raise_error(ArgumentError, /accumulator :x: threads is not for a block that takes a whole batch/)
  end
end
