# frozen_string_literal: true

RSpec.describe "retries" do
  include Runs

  include_context "nothing is left"

  # Ways in which an attempt can end badly; the last two only in a process of its own.
  endings = { "raises" => -> { raise IOError, "not yet" } }
  deaths = { "is killed" => -> { Process.kill(:KILL, Process.pid) && sleep }, "exits" => -> { exit!(7) } }

  # Emits, adds to a variable, and fails up to the given attempt.
  def flaky(kind, fault, fails: 2, **options)
    log = counters
    job(seen: [], log: log) do
      producer(:source) { 4.times { |n| emit n } }
      Runs.within(self, kind) do |context|
        processor(:work, context.merge(options)) do |n|
          emit [n, attempt]
          @seen << n if kind != :inline
          emit_to_stage(:sink, [n, Minigun.current.attempt])
          if n == 2
            log.add(0, 1)
            instance_exec(&fault) if attempt <= fails
          end
          emit [n, :last]
        end
      end
      consumer(:sink) { |item| @results << item }
    end
  end

  def outcomes_of(number, attempt) = [[number, attempt], [number, attempt], [number, :last]]

  Runs::KINDS.each do |kind|
    (Runs::FORKED.include?(kind) ? endings.merge(deaths) : endings).each do |what, fault|
      it "run an item that #{what} again in #{kind}; nothing arrives twice (reliability 6, P3)" do
        job = flaky(kind, fault, retries: 2)

        expect(job.run).to eq(4)
        expected = [0, 1, 3].flat_map { |n| outcomes_of(n, 1) } + outcomes_of(2, 3)
        expect(job.results).to match_array(expected)
        expect(job.variable(:log).get(0)).to eq(3)
        expect(job.report.failures).to be_empty
        expect(job.report.stages[:work]).to include(accepted: 4, processed: 4, failed: 0, abandoned: 0, retried: 2)
        expect(job.variable(:seen).sort).to eq([0, 1, 2, 3]) if Runs::FORKED.include?(kind)
      end

      it "end in a failure when an item #{what} each time in #{kind}; nothing of it arrives (reliability 6)" do
        job = flaky(kind, fault, fails: 9, retries: 1)
        job.run

        expect(job.results).to match_array([0, 1, 3].flat_map { |n| outcomes_of(n, 1) })
        expect(only_failure(job)).to have_attributes(stage: :work, item: "2", attempt: 2, delivered: 0, count: 1)
        expect(job.report.stages[:work]).to include(accepted: 4, processed: 3, failed: 1, retried: 1)
        expect(job.variable(:seen).sort).to eq([0, 1, 3]) if Runs::FORKED.include?(kind)
      end

      it "are not made where nobody asked for them: an item that #{what} runs once in #{kind} (reliability P3)" do
        job = flaky(kind, fault)
        job.run

        expect(job.variable(:log).get(0)).to eq(1)
        expect(only_failure(job)).to have_attributes(attempt: 1, delivered: 2)
        expect(job.report.retried).to eq(0)
      end
    end
  end

  Runs::FORKED.each do |kind|
    it "run each attempt in a fresh child in #{kind} (reliability 6)" do
      job = job(pids: []) do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          before_fork(:work) { @pids << :fork }
          processor(:work, options.merge(retries: 2)) do |_|
            @stale = (@stale || 0) + 1
            raise "attempt #{attempt}, run #{@stale}" if attempt < 3

            emit [attempt, @stale]
          end
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results).to eq([[3, 1]])
      expect(job.variable(:pids)).to eq(%i[fork fork fork])
    end

    it "stop after three deaths: a poison item in #{kind} (reliability P19)" do
      tries = counters
      job = job do
        producer(:source) { 20.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          processor(:work, options.merge(retries: 9)) do |n|
            tries.add(0, 1) && Process.kill(:KILL, Process.pid) && sleep if n == 7
            emit n
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq((0...20).to_a - [7])
      expect(only_failure(job)).to have_attributes(item: "7", attempt: 3, cause: :signal, signal: "SIGKILL")
      expect(only_failure(job).error).to be_a(Minigun::PoisonItem).and have_attributes(deaths: 3, stage: :work)
      expect(only_failure(job).error.message).to match(/3 processes died.*SIGKILL/)
      expect(tries.get(0)).to eq(3)
    end

    it "hold back more than memory is meant for, of any type, in order, in #{kind} (reliability 6)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          processor(:work, options.merge(retries: 1)) do |_|
            40.times { |n| emit [n, "x" * 100_000, nil, Set[n]] }
            emit_to_stage(:sink, nil)
            raise "not yet" if attempt == 1
          end
        end
        consumer(:sink) { |item| @results << (item && [item[0], item[1].size, item[3].first]) }
      end
      job.run

      expect(job.results).to eq(Array.new(40) { |n| [n, 100_000, n] } + [nil])
    end

    it "count an emission that cannot travel once, of the attempt that counts, in #{kind} (reliability P17)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          processor(:work, options.merge(retries: 2)) do |_|
            emit proc {}
            raise "not yet" if attempt < 3
          end
        end
      end
      job.run

      expect(job.report.stages[:work]).to include(accepted: 2, processed: 1, failed: 1, retried: 2)
      expect(only_failure(job).error).to be_a(Minigun::SerializationError)
    end

    it "leave what before_exit adds to the attempt that ended well in #{kind} (contract 21.1)" do
      job = job(left: []) do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          processor(:work, options.merge(retries: 1)) { |_| (@attempt = attempt) && attempt == 1 && raise("not yet") }
          before_exit(:work) { (@left << @attempt) && emit(@attempt) }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect([job.results, job.variable(:left)]).to all(include(2))
      expect([job.results, job.variable(:left)]).to eq([[2], [2]]) if kind == :process_per_batch
    end
  end

  it "try again what retry_on names and nothing that discard_on names, children's deaths too (issue)" do
    { { retry_on: IOError } => [3, 1, 1], { retry_on: [IOError, KeyError] } => [3, 3, 1], {} => [3, 3, 3],
      { discard_on: IndexError } => [3, 1, 3], { discard_on: Minigun::WorkerDied } => [3, 3, 1],
      { retry_on: StandardError, discard_on: [IOError] } => [1, 3, 3] }.each do |options, expected|
      tries = counters(3)
      job = job do
        producer(:source) { 3.times { |n| emit n } }
        process_per_batch(max: 3, retries: 2, **options) do
          consumer(:work) do |n|
            tries.add(n, 1)
            [-> { raise IOError }, -> { raise KeyError }, -> { exit!(1) }][n].call
          end
        end
      end
      job.run

      expect([options, Array.new(3) { |n| tries.get(n) }]).to eq([options, expected])
    end
  end

  it "know a class that only the child had by its name (reliability P17)" do
    tries = counters
    stub_const("OnlyThere", Class.new(StandardError))
    job = job do
      producer(:source) { emit 1 }
      processes(1, retries: 3, discard_on: OnlyThere) { consumer(:work) { |_| tries.add(0, 1) && raise(OnlyThere) } }
    end
    job.run

    expect(tries.get(0)).to eq(1)
  end

  describe "max_retries" do
    def tries_with(options = {}, &macro)
      tries = counters(2)
      klass = class_of_jobs do
        producer(:source) do
          tries.add(0, 1)
          emit 1
          raise "no"
        end
        consumer(:work, options) { |_| tries.add(1, 1) && raise("no") }
      end
      klass.class_exec(&macro) if macro
      klass.new.run
      [tries.get(0), tries.get(1)]
    end

    it "sets the default where it was written, and not for producers (issue)" do
      expect(tries_with).to eq([1, 1])
      expect(tries_with { max_retries 2 }).to eq([1, 3])
      expect(tries_with { max_retries 0 }).to eq([1, 1])
      expect(tries_with(retries: 1) { max_retries 4 }).to eq([1, 2])
      expect(tries_with(retries: 0) { max_retries 4 }).to eq([1, 1])
    end

    it "is inherited, and holds in nested pipelines (contract 3.6)" do
      tries = counters
      parent = class_of_jobs do
        producer(:source) { emit 1 }
        pipeline(:inner) { consumer(:work) { |_| tries.add(0, 1) && raise("no") } }
      end
      parent.max_retries 2
      Class.new(parent).new.run

      expect(tries.get(0)).to eq(3)
    end
  end

  it "run a producer again where its own options say so; what it emitted in vain is gone" do
    [:inline, :threads, *Runs::FORKED].each do |kind|
      job = job do
        Runs.within(self, kind) do |options|
          producer(:source, options.merge(retries: 1)) do
            3.times { |n| n == 2 && attempt == 1 ? raise("no") : emit(n) }
          end
        end
        consumer(:sink) { |n| @results << n }
      end

      expect([kind, job.run, job.results, job.report.failed, job.report.retried]).to eq([kind, 3, [0, 1, 2], 0, 1])
    end
  end

  Runs::KINDS.each do |kind|
    it "work on a batch again as a whole in #{kind}: its items are counted (contract 7.3)" do
      job = job do
        producer(:source) { 7.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          accumulator(:pack, options.merge(max_size: 3, retries: 1)) do |batch|
            emit batch.size
            raise "no" if attempt == 1 || batch.include?(3)
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq([1, 3])
      expect(job.report.stages[:pack]).to include(accepted: 7, processed: 4, failed: 3, abandoned: 0)
      expect(only_failure(job)).to have_attributes(count: 3, attempt: 2, item: "[3, 4, 5]")
    end
  end

  describe "attempt" do
    it "is what the user's class makes it, where it has a method of that name (contract 21.7)" do
      klass = class_of_jobs do
        producer(:source) { emit 1 }
        consumer(:work) { |_| @results << [attempt, Minigun.current.attempt] }
      end
      own = Class.new(klass) { def attempt = :mine }
      base = Class.new { def attempt = :inherited }
      under = Class.new(base) { include Minigun::DSL }
      own.new.tap(&:run).then { |job| expect(job.results).to eq([[:mine, 1]]) }
      expect([under.new.attempt, klass.new.attempt]).to eq([:inherited, nil])
    end
  end

  describe "backoff" do
    it "does not keep an orderly end waiting (issue)" do
      failed = gate
      job = job do
        producer(:source) { emit 1 }
        consumer(:work, retries: 3, backoff: 600) { |_| (@results << attempt) && failed.open && raise("no") }
      end
      flow = nil
      allow(Minigun::Flow).to(receive(:new).and_wrap_original { |new, *args, **rest| flow = new.call(*args, **rest) })
      runner = Thread.new { job.run }
      failed.wait
      flow.stop_producers

      expect(runner.join(20)&.value).to eq(1)
      expect(job.results).to eq([1, 2, 3, 4])
      expect(only_failure(job)).to have_attributes(attempt: 4)
    end

    it "does not keep what is thrown into the run waiting (contract 10.8)" do
      failed = gate
      job = job do
        producer(:source) { emit 1 }
        process_per_batch(max: 1, retries: 3, backoff: { base: 600, max: 600 }) do
          consumer(:work) { |_| failed.open && raise("no") }
        end
      end
      runner = Thread.new { job.run }
      failed.wait
      runner.kill

      expect(runner.join(20)).to equal(runner)
      expect(job.report).to have_attributes(accepted: 1, failed: 0, abandoned: 1)
    end
  end

  describe "on_crash: :bisect" do
    # Batches of eight; the numbers given kill their process.
    def bisecting(kind, poison, **options)
      tries = counters(64)
      job(done: [], tries: tries) do
        producer(:source) { 16.times { |n| emit n } }
        batch 8
        Runs.within(self, kind) do |context|
          processor(:work, context.merge(on_crash: :bisect, **options)) do |list|
            list.each do |n|
              tries.add(n, 1)
              Process.kill(:KILL, Process.pid) && sleep if poison.include?(n)
              emit n
              @done << n
            end
          end
        end
        consumer(:sink) { |n| @results << n }
      end
    end

    Runs::FORKED.each do |kind|
      it "fails the poison elements and nothing else in #{kind} (reliability 6)" do
        job = bisecting(kind, [3, 9, 10])
        job.run

        good = (0...16).to_a - [3, 9, 10]
        expect(job.results.sort).to eq(good)
        expect(job.variable(:done).sort).to eq(good)
        expect(job.report.failures.map(&:item)).to match_array(%w[3 9 10])
        expect(job.report.failures.map(&:cause).uniq).to eq([:signal])
        expect(job.report.stages[:work]).to include(consumed: 2, accepted: 16, processed: 13, failed: 3, abandoned: 0)
      end
    end

    it "leaves an Array that nothing dies of as one item (issue)" do
      job = bisecting(:processes, [])
      job.run
      expect(job.report.stages[:work]).to include(consumed: 2, accepted: 2, processed: 2)
    end

    it "counts the items of an accumulator's batch one by one (contract 7.3)" do
      job = job do
        producer(:source) { 9.times { |n| emit n } }
        processes(2, on_crash: :bisect) do
          accumulator(:pack, max_size: 5) { |list| list.include?(6) ? exit!(3) : list.each { |n| emit n } }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq([0, 1, 2, 3, 4, 5, 7, 8])
      expect(only_failure(job)).to have_attributes(item: "6", count: 1, cause: :exit, exit_code: 3)
      expect(job.report.stages[:pack]).to include(accepted: 9, processed: 8, failed: 1)
    end

    it "does not look for what raises: that is the whole item's failure" do
      job = job do
        producer(:source) { emit [1, 2] }
        processes(1, on_crash: :bisect) { consumer(:work) { |_| raise "no" } }
      end
      job.run
      expect(only_failure(job)).to have_attributes(item: "[1, 2]", count: 1)
    end

    it "gives a poison element up after three deaths with retries (reliability P19)" do
      job = bisecting(:process_per_batch, [5], retries: 5)
      job.run
      expect(only_failure(job)).to have_attributes(item: "5", error: be_a(Minigun::PoisonItem))
      expect(job.results.sort).to eq((0...16).to_a - [5])
    end
  end
end
