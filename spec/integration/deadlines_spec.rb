# frozen_string_literal: true

RSpec.describe "deadlines" do
  include Runs

  include_context "nothing is left"

  # The digits of a huge Integer take minutes, in which Ruby does not look at signals.
  stuck = {
    "sleeps" => -> { sleep },
    "spins" => -> { loop { nil } },
    "is stopped" => -> { Process.kill(:STOP, Process.pid) && sleep },
    "ignores TERM" => -> { trap(:TERM, "IGNORE") && sleep },
    "is stuck in C code" => -> { (1 << 400_000_000).to_s }
  }

  Runs::FORKED.each do |kind|
    stuck.each do |what, fault|
      it "end a child that #{what} in #{kind}; its neighbours go on (reliability P9)" do
        job = job do
          producer(:source) { 6.times { |n| emit n } }
          Runs.within(self, kind) do |options|
            processor(:work, options.merge(timeout: 0.5, grace: 0.1)) { |n| n == 2 ? instance_exec(&fault) : emit(n) }
          end
          consumer(:sink) { |n| @results << n }
        end
        before = monotonic_now
        job.run

        expect(job.results.sort).to eq([0, 1, 3, 4, 5])
        expect(only_failure(job)).to have_attributes(item: "2", cause: :deadline)
        expect(only_failure(job).error).to be_a(Minigun::WorkerTimeout).and have_attributes(seconds: 0.5, stage: :work)
        expect(monotonic_now - before).to be < 20
      end
    end

    it "let a block clean up within the grace time in #{kind} (reliability P9)" do
      cleaned = counters
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          consumer(:work, options.merge(timeout: 0.2, grace: 10)) do |_|
            sleep
          ensure
            cleaned.add(0, 1)
          end
        end
      end
      job.run

      expect(cleaned.get(0)).to eq(1)
      expect(only_failure(job).cause).to eq(:deadline)
    end

    it "are of each item, not of the child, in #{kind} (reliability P8)" do
      job = job do
        producer(:source) { 8.times { |n| emit n } }
        Runs.within(self, kind, 1) do |options|
          processor(:work, options.merge(timeout: 5)) { |n| emit [n, Process.pid] }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.map(&:first)).to eq((0...8).to_a)
      expect(job.results.map(&:last).uniq.size).to eq(1) if kind != :process_per_batch
      expect(job.report).to be_success
    end

    it "do not count the waits for a stage downstream in #{kind} (reliability P8)" do
      open = gate
      full = Minigun::Flow::Node::CAPACITY * 2
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          # More than the child's ring holds: it has to wait as well.
          processor(:work, options.merge(timeout: 1)) { |_| full.times { |n| emit [n, "x" * 10_000] } }
        end
        consumer(:sink) { |n, _| n.zero? ? open.wait(30) : @results << n }
      end
      runner = Thread.new { job.run }
      # Longer than the child may take; it cannot end before the gate is open.
      IO.select(nil, nil, nil, 2)
      open.open
      runner.join

      expect(job.results.size).to eq(full - 1)
      expect(job.report).to be_success
    end

    it "are not missed by an item that ends within the grace time; its child gets no other in #{kind} (issue)" do
      job = job do
        producer(:source) { 3.times { |n| emit n } }
        Runs.within(self, kind, 1) do |options|
          processor(:work, options.merge(timeout: 0.3, grace: 30)) do |n|
            told = false
            trap(:TERM) { told = true }
            IO.select(nil, nil, nil, 0.01) until told || n.positive?
            emit [n, Process.pid]
          end
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results.map(&:first)).to eq([0, 1, 2])
      expect(job.results.map(&:last).first(2).uniq.size).to eq(2)
      expect(job.report).to be_success
    end

    it "and retries go together in #{kind} (issue)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          processor(:work, options.merge(timeout: 0.5, retries: 2)) do |_|
            emit attempt
            sleep if attempt < 3
            emit :end
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results).to eq([3, :end])
      expect(job.report).to have_attributes(failed: 0, retried: 2)
    end

    it "hold for a child that does not come up in #{kind}: spawn_timeout (reliability P11)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          consumer(:work, options.merge(spawn_timeout: 0.3)) { |n| @results << n }
        end
      end
      with_slow_forks { job.run }

      expect(only_failure(job)).to have_attributes(cause: :start_deadline, item: "1")
      expect(only_failure(job).error).to be_a(Minigun::WorkerStartTimeout)
        .and have_attributes(seconds: 0.3, stage: :work)
    end
  end

  # Children of this process hang before they reach their block, as with a hook of another library.
  def with_slow_forks
    slow = true
    Process.singleton_class.prepend(Module.new do
      define_method(:_fork) do
        pid = super()
        sleep 60 if slow && pid.zero?
        pid
      end
    end)
    yield
  ensure
    slow = false
  end

  it "count down for a batch of an accumulator (contract 7.3)" do
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      processes(1) { accumulator(:pack, max_size: 2, timeout: 0.5) { |list| list == [0, 1] ? sleep : emit(list) } }
      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results).to eq([[2, 3]])
    expect(only_failure(job)).to have_attributes(count: 2, cause: :deadline)
    expect(job.report.stages[:pack]).to include(accepted: 4, processed: 2, failed: 2)
  end

  (Runs::KINDS - Runs::FORKED).each do |kind|
    it "interrupt a block in #{kind}; what it had emitted has gone on (issue)" do
      job = job do
        producer(:source) { 3.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          processor(:work, options.merge(timeout: 0.3)) { |n| emit(n) || (n == 1 && sleep) }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq([0, 1, 2])
      expect(only_failure(job)).to have_attributes(item: "1", cause: :deadline, delivered: 1)
      expect(only_failure(job).error.message).to include(":work did not finish within 0.3 s")
    end

    it "leave the user's own Timeout alone in #{kind} (issue)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind) do |options|
          consumer(:work, options.merge(timeout: 30)) { |_| Timeout.timeout(0.05) { sleep } }
        end
      end
      job.run

      expect(only_failure(job)).to have_attributes(cause: :exception, error: be_a(Timeout::Error))
    end

    it "are followed by another attempt in #{kind} (issue)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind) do |options|
          processor(:work, options.merge(timeout: 0.2, retries: 1)) { |_| emit(attempt) || (attempt == 1 && sleep) }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect([job.results, job.report.failed, job.report.retried]).to eq([[2], 0, 1])
    end
  end
end
