# frozen_string_literal: true

RSpec.describe "hooks at run" do
  include Runs

  include_context "nothing is left"

  it "run before_run first and after_run last, once each, in order of definition (contract 10.5)" do
    events = []
    job = job do
      after_run { events << :after_run_one }
      before_run { events << :before_run_one }
      producer(:source) { (events << :source) && emit(1) }
      consumer(:sink) { |_| events << :sink }
      before_run { events << :before_run_two }
      after_run { events << :after_run_two }
    end
    job.run

    expect(events).to eq(%i[before_run_one before_run_two source sink after_run_one after_run_two])
  end

  it "run once with perform, too (contract 16, Q1)" do
    events = []
    job = job do
      before_run { events << :before_run }
      producer(:source) { emit 1 }
      consumer(:sink) { |_| nil }
      after_run { events << :after_run }
    end
    job.perform

    expect(events).to eq(%i[before_run after_run])
  end

  it "run after_run when every child has ended (contract 10.1)" do
    children = nil
    spec = self
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      processes(2) { processor(:one) { |n| emit n } }
      process_per_batch(max: 2) { consumer(:two) { |n| @results << n } }
      after_run { children = spec.children_of(Process.pid) }
    end
    job.run

    expect(children).to be_empty
    expect(job.results.sort).to eq([0, 1, 2, 3])
  end

  it "run on the user's instance (contract 3.5)" do
    owners = []
    job = job do
      %i[before_run after_run after_producer].each { |type| public_send(type) { owners << self } }
      producer(:source) { (owners << self) && emit(1) }
      consumer(:sink) { |_| owners << self }
      before(:sink) { owners << self }
      after(:source) { owners << self }
    end
    job.run

    expect(owners.size).to eq(7)
    expect(owners).to all(equal(job))
  end

  # Keeps a list of events per item; comes home from children as additions to a container.
  Runs::KINDS.each do |kind|
    it "surround each item in #{kind}: same thread, same object, back to back (contract 10.1)" do
      job = job(log: []) do
        producer(:source) { 4.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          processor(:work, options) { |n| Thread.current[:trace] << n << object_id }
        end
        before(:work) { Thread.current[:trace] = [:one] }
        before(:work) { Thread.current[:trace] << :two << object_id }
        after(:work) { Thread.current[:trace] << :three }
        after(:work) { @log << (Thread.current[:trace] << object_id) }
      end
      job.run

      own = job.object_id
      expect(job.variable(:log)).to match_array(Array.new(4) { |n| [:one, :two, own, n, own, :three, own] })
    end

    it "see variables of the item's earlier hooks in #{kind} (contract 10.1)" do
      job = job do
        producer(:source) { emit 5 }
        Runs.within(self, kind) { |options| processor(:work, options) { |n| @sum = @start + n } }
        before(:work) { @start = 10 }
        after(:work) { emit @sum }

        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results).to eq([15])
    end

    it "take lambdas without parameters, inline and with &, in #{kind} (contract 4)" do
      job = job(log: []) do
        producer(:source) { emit 1 }
        Runs.within(self, kind) do |options|
          processor(:work, options.merge(before: -> { @log << :inline_before }, after: -> { @log << :inline_after },
                                         before_fork: -> {}, after_fork: -> {})) { |_| @log << :work }
        end
        before(:work, &-> { @log << :before })
        after(:work, &-> { @log << :after })
        before_run(&-> {})
        after_run(&-> {})
        after_producer(&-> {})
        before_fork(&-> {})
        after_fork(&-> {})
        before_exit(&-> {})
      end
      job.run

      expect(job.variable(:log)).to eq(%i[inline_before before work inline_after after])
      expect(job.report.failed).to eq(0)
    end

    it "skip the block when a before hook fails, and the item is counted, in #{kind} (contract 10.7)" do
      job = job do
        producer(:source) { 3.times { |n| emit n } }
        Runs.within(self, kind, 1) { |options| processor(:work, options) { |n| emit n } }
        before(:work) { raise "no" if (@items = @items.to_i + 1) == 1 }

        consumer(:sink) { |n| @results << n }
      end
      job.run

      # A child of process_per_batch counts anew for each item, so there each one fails.
      fails = kind == :process_per_batch ? 3 : 1
      expect(job.report.failed).to eq(fails)
      expect(job.results.size).to eq(3 - fails)
    end
  end

  it "run for every processor of a fan-out once per item (contract 10.5)" do
    calls = Hash.new(0)
    job do
      producer(:source, to: %i[one two]) { 2.times { |n| emit n } }
      processor(:one) { |_| nil }
      processor(:two) { |_| nil }
      %i[one two].each do |name|
        before(name) { calls[[:before, name]] += 1 }
        after(name) { calls[[:after, name]] += 1 }
      end
    end.run

    expect(calls.values).to eq([2, 2, 2, 2])
  end

  it "surround the one run of a producer; after is skipped when it fails (contract 10.5)" do
    events = []
    job do
      producer(:good) { 3.times { events << :good } }
      producer(:bad) { raise "no" }
      %i[good bad].each do |name|
        before(name) { events << :"before_#{name}" }
        after(name) { events << :"after_#{name}" }
      end
    end.run

    expect(events - %i[before_bad]).to eq(%i[before_good good good good after_good])
    expect(events).to include(:before_bad)
  end

  it "keep a producer's hooks and block neighbours, 200 times (contract 10.1: producer adjacency)" do
    split = 0
    200.times do
      events = []
      job do
        producer(:source) do
          events << :source
          2.times { |n| emit n }
        end
        before(:source) { events << :before }
        after(:source) { events << :after }

        processor(:work) { |n| (events << :work) && emit(n) }
        consumer(:sink) { |_| events << :sink }
      end.run
      at = events.index(:source)
      split += 1 unless events[at - 1] == :before && events[at + 1] == :after
    end

    expect(split).to eq(0)
  end

  describe "of forks" do
    # 0 before_fork of the pipeline, 1 of the stage, 2 after_fork of the pipeline, 3 of the stage,
    # 4 wrong process, 5 before_exit of the pipeline, 6 of the stage
    def hooks_of(dsl, counts, parent)
      dsl.instance_exec do
        before_fork { counts.add(Process.pid == parent ? 0 : 4, 1) }
        before_fork(:work) { counts.add(Process.pid == parent ? 1 : 4, 1) }
        after_fork { counts.add(Process.pid == parent ? 4 : 2, 1) }
        after_fork(:work) { counts.add(Process.pid == parent ? 4 : 3, 1) }
        before_exit { counts.add(Process.pid == parent ? 4 : 5, 1) }
        before_exit(:work) { counts.add(Process.pid == parent ? 4 : 6, 1) }
      end
    end

    { process_per_batch: 6, processes: 1, named_processes: 1 }.each do |kind, forks|
      it "run before in the parent, after in the child, once per fork of #{kind} (contract 10.4)" do
        counts = counters(7)
        spec = self
        parent = Process.pid
        job = job do
          producer(:source) { 6.times { |n| emit n } }
          spec.hooks_of(self, counts, parent)
          Runs.within(self, kind, 1) { |options| consumer(:work, options) { |n| @results << n } }
        end
        job.run

        expect(counts.to_a).to eq([forks, forks, forks, forks, 0, forks, forks])
        expect(job.results.sort).to eq((0..5).to_a)
      end

      it "run in order: pipeline, stage, item, before_exit, in #{kind} (contract 10.4)" do
        job = job(log: []) do
          producer(:source) { emit 1 }
          after_fork(:work) { @log << :after_fork_stage }
          before_fork(:work) { @log << :before_fork_stage }
          after_fork { @log << :after_fork_pipeline }
          before_fork { @log << :before_fork_pipeline }
          before_exit(:work) { @log << :before_exit_stage }
          before_exit { @log << :before_exit_pipeline }
          before(:work) { @log << :before }
          after(:work) { @log << :after }

          Runs.within(self, kind, 1) { |options| consumer(:work, options) { |_| @log << :work } }
        end
        job.run

        expect(job.variable(:log)).to eq(
          %i[before_fork_pipeline before_fork_stage after_fork_pipeline after_fork_stage before work after
             before_exit_pipeline before_exit_stage]
        )
      end

      it "disconnect in the parent and connect in the child of #{kind} (contract 10.4)" do
        job = job(connection: :parents) do
          producer(:source) { 2.times { |n| emit n } }
          before_fork { @connection = nil }
          after_fork { @connection = "of #{Process.pid}" }
          Runs.within(self, kind, 1) { |options| processor(:work, options) { |_| emit [@connection, Process.pid] } }
          consumer(:sink) { |connection, pid| @results << (connection == "of #{pid}") }
        end
        job.run

        expect(job.results).to eq([true, true])
        expect(job.variable(:connection)).to be_nil
      end

      it "let before_exit emit from #{kind} (contract 20)" do
        job = job do
          producer(:source) { 2.times { |n| emit n } }
          Runs.within(self, kind, 1) { |options| processor(:work, options) { |n| (@seen ||= []) << n } }
          before_exit(:work) { emit @seen }
          consumer(:sink) { |list| @results << list }
        end
        job.run

        expect(job.results.flatten.sort).to eq([0, 1])
      end

      it "fail one item when before_fork raises in #{kind}, and the run goes on (contract 10.7)" do
        calls = 0
        job = job do
          producer(:source) { 3.times { |n| emit n } }
          before_fork(:work) { raise "not yet" if (calls += 1) == 1 }
          Runs.within(self, kind, 1) { |options| consumer(:work, options) { |n| @results << n } }
        end
        job.run

        expect(job.results.sort).to eq([1, 2])
        expect(only_failure(job)).to have_attributes(stage: :work, count: 1)
        expect(only_failure(job).error.message).to eq("not yet")
      end

      it "fail one item when after_fork raises in #{kind}, and the run goes on (contract 10.7)" do
        tries = counters
        job = job do
          producer(:source) { 3.times { |n| emit n } }
          after_fork(:work) { raise "not yet" if tries.add(0, 1) == 1 }
          Runs.within(self, kind, 1) { |options| consumer(:work, options) { |n| @results << n } }
        end
        job.run

        expect(job.results.sort).to eq([1, 2])
        expect(only_failure(job).error.message).to eq("not yet")
      end

      it "warn when before_exit raises in #{kind}, nothing is lost (contract 10.7)" do
        job = job do
          producer(:source) { 2.times { |n| emit n } }
          Runs.within(self, kind, 1) { |options| consumer(:work, options) { |n| @results << n } }
          before_exit(:work) { raise "not now" }
        end
        job.run

        expect(job.results.sort).to eq([0, 1])
        expect(log_output).to include("not now")
      end
    end

    it "run for a forked producer (contract 10.4)" do
      counts = counters(7)
      spec = self
      parent = Process.pid
      job = job do
        spec.hooks_of(self, counts, parent)
        processes(3) { producer(:work) { emit 1 } }
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(counts.to_a).to eq([1, 1, 1, 1, 0, 1, 1])
      expect(job.results).to eq([1])
    end

    it "do not run without a fork (contract 10.4)" do
      counts = counters(7)
      spec = self
      job = job do
        producer(:source) { emit 1 }
        spec.hooks_of(self, counts, Process.pid)
        threads(2) { consumer(:work) { |_| nil } }
      end
      job.run

      expect(counts.to_a.sum).to eq(0)
    end

    it "never run in the parent for two slots at once (contract 10.4)" do
      gauge = Runs::Gauge.new
      job = job do
        producer(:source) { 12.times { |n| emit n } }
        before_fork do
          gauge.enter
          Thread.pass
          gauge.leave
        end
        process_per_batch(max: 4) { consumer(:work) { |n| @results << n } }
      end
      job.run

      expect(gauge.max).to eq(1)
      expect(job.results.size).to eq(12)
    end
  end

  describe "of nested pipelines" do
    it "run with those of the outer pipeline around them (contract 10.6)" do
      events = []
      job = job do
        before_run { events << :outer_before }
        after_run { events << :outer_after }
        producer(:source) { emit 1 }
        pipeline :inner do
          before_run { events << :inner_before }
          after_run { events << :inner_after }
          processor(:work) { |n| (events << :work) && emit(n) }
        end
        consumer(:sink) { |_| events << :sink }
      end
      job.run

      expect(events).to eq(%i[outer_before inner_before work sink inner_after outer_after])
    end

    it "of named producer pipelines run once each (contract 10.6)" do
      events = []
      klass = class_of_jobs { consumer(:sink, from: :one) { |_| events << :sink } }
      klass.pipeline(:one, to: :sink) do
        before_run { events << :before_run }
        after_run { events << :after_run }
        after_producer { events << :after_producer }
        producer(:source) { emit 1 }
      end
      klass.new.run

      expect(events).to contain_exactly(:before_run, :sink, :after_producer, :after_run)
      expect(events.first).to eq(:before_run)
      expect(events.last).to eq(:after_run)
    end

    it "fork hooks hold for forks in inner pipelines, outer ones first (contract 10.5)" do
      job = job(log: []) do
        before_fork { @log << :outer_before_fork }
        after_fork { @log << :outer_after_fork }
        producer(:source) { emit 1 }
        pipeline :inner do
          before_fork { @log << :inner_before_fork }
          after_fork { @log << :inner_after_fork }
          before_exit { @log << :inner_before_exit }
          processes(1) { processor(:work) { |n| (@log << :work) && emit(n) } }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.variable(:log)).to eq(
        %i[outer_before_fork inner_before_fork outer_after_fork inner_after_fork work inner_before_exit]
      )
    end
  end

  describe "after_producer" do
    it "runs once, when the last producer has ended (contract 20)" do
      events = Thread::Queue.new
      go_on = gate
      job do
        producer(:quick) { events << :quick }
        producer(:late) do
          go_on.wait
          events << :late
        end
        after(:quick) { go_on.open }

        after_producer { events << :after_producer }
        consumer(:sink) { |_| nil }
      end.run

      expect(Array.new(events.size) { events.pop }).to eq(%i[quick late after_producer])
    end

    it "runs although a producer failed, and before after_run (contract 20)" do
      events = []
      job do
        producer(:bad) { raise "no" }
        after_producer { events << :after_producer }
        after_run { events << :after_run }
      end.run

      expect(events).to eq(%i[after_producer after_run])
    end

    it "costs nothing but a log line when it raises (contract 10.7)" do
      job = job do
        producer(:source) { emit 1 }
        after_producer { raise "not now" }
        consumer(:sink) { |n| @results << n }
      end

      expect(job.run).to eq(1)
      expect(job.results).to eq([1])
      expect(log_output).to include("not now")
    end
  end

  it "let an error of before_run come out of run, nothing having started (contract 10.5)" do
    job = job do
      before_run { raise ArgumentError, "not ready" }
      producer(:source) { @results << :produced }
    end

    expect { job.run }.to raise_error(ArgumentError, "not ready")
    expect(job.results).to be_empty
  end

  it "let an error of after_run come out of run, everything being done (contract 10.5)" do
    job = job do
      producer(:source) { emit 1 }
      processes(1) { consumer(:sink) { |n| @results << n } }
      after_run { raise ArgumentError, "after all" }
    end

    expect { job.run }.to raise_error(ArgumentError, "after all")
    expect(job.results).to eq([1])
  end
end
