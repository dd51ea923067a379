# frozen_string_literal: true

RSpec.describe "emitting from every stage in every context" do
  include Runs

  include_context "nothing is left"

  # A job in which the stage of the given role runs `action` once for each of the numbers 0, 1, 2.
  def job_with(kind, role, action)
    job do
      producer(:source) { 3.times { |n| emit n } } unless role == :producer
      Runs.within(self, kind) do |options|
        case role
        when :producer
          producer(:actor, options) { 3.times { |n| instance_exec(n, &action) } }
        when :processor, :consumer
          public_send(role, :actor, options) { |n| instance_exec(n, &action) }
        when :accumulator
          accumulator(:actor, options.merge(max_size: 1)) { |batch| instance_exec(batch.first, &action) }
        when :hook
          processor(:actor, options) { |n| Thread.current[:item] = n }
          after(:actor) { instance_exec(Thread.current[:item], &action) }
        end
      end
      consumer(:near) { |item| @results << [:near, *item] }
      consumer(:far) { |item| @results << [:far, *item] }
    end
  end

  def pids_of(job) = job.results.map(&:last).uniq

  Runs::KINDS.each do |kind|
    %i[producer processor consumer accumulator hook].each do |role|
      it "delivers what a #{role} in #{kind} emits to the next stage (contract 10.2, 21.2)" do
        job = job_with(kind, role, ->(n) { emit [n, Process.pid] })
        job.run

        expect(job.results.map { |to, n, _| [to, n] }).to contain_exactly([:near, 0], [:near, 1], [:near, 2])
        expect(pids_of(job).include?(Process.pid)).to be(!Runs::FORKED.include?(kind))
      end

      it "delivers what a #{role} in #{kind} emits to a named stage only there (contract 10.2, 21.2)" do
        job = job_with(kind, role, ->(n) { emit_to_stage :far, [n, Process.pid] })
        job.run

        far, elsewhere = job.results.partition { |to, *| to == :far }
        expect(far.map { |_, n, _| n }).to contain_exactly(0, 1, 2)
        expect(elsewhere).to be_empty
        expect(far.map(&:last).include?(Process.pid)).to be(!Runs::FORKED.include?(kind))
      end
    end

    it "runs a stage between two stages in #{kind} (contract 20: the context is honoured anywhere)" do
      job = job do
        producer(:source) { 10.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          processor(:double, options) { |n| emit [n * 2, Process.pid] }
          processor(:add, options) { |(n, pid)| emit [n + 1, pid, Process.pid] }
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results.map(&:first)).to match_array(Array.new(10) { |n| (n * 2) + 1 })
      in_parent = job.results.map { |_, *pids| pids.include?(Process.pid) }.uniq
      expect(in_parent).to eq([!Runs::FORKED.include?(kind)])
    end

    it "delivers in #{kind} while the block still runs (contract 21.2)" do
      arrived = gate
      job = job do
        producer(:source) { emit :item }
        Runs.within(self, kind) do |options|
          processor(:early, options) do |_|
            emit :first
            arrived.wait
            emit :second
          end
        end
        consumer(:sink) do |item|
          @results << item
          arrived.open if item == :first
        end
      end
      job.run

      expect(job.results).to eq(%i[first second])
    end

    it "delivers from a producer in #{kind} while it still produces (contract 21.2)" do
      arrived = gate
      job = job do
        Runs.within(self, kind) do |options|
          producer(:source, options) do
            emit :first
            arrived.wait
            emit :second
          end
        end
        consumer(:sink) do |item|
          @results << item
          arrived.open if item == :first
        end
      end

      expect(job.run).to eq(2)
      expect(job.results).to eq(%i[first second])
    end
  end

  it "honours the context of consumers that follow each other (contract 20)" do
    pids = counters(2)
    job = job do
      producer(:source) { 2.times { |n| emit n } }
      process_per_batch(max: 1) { consumer(:one) { |_| pids.set(0, Process.pid) } }
      processes(1) { consumer(:two, from: :source) { |_| pids.set(1, Process.pid) } }
    end
    job.run

    expect(pids.to_a.push(Process.pid).uniq.size).to eq(3)
  end

  it "uses the inner of two nested contexts, and the outer one again after it (contract 4)" do
    pids = counters(3)
    job = job do
      producer(:source, to: %i[a b c]) { emit 1 }
      processes(1) do
        consumer(:a) { |_| pids.set(0, Process.pid) }
        threads(2) { consumer(:b) { |_| pids.set(1, Process.pid) } }
        consumer(:c) { |_| pids.set(2, Process.pid) }
      end
    end
    job.run

    expect(pids.get(1)).to eq(Process.pid)
    expect(pids.get(0)).not_to eq(Process.pid)
    expect(pids.get(2)).not_to eq(Process.pid)
  end

  it "prefers a named context to the surrounding one (contract 4)" do
    pids = counters
    job = job do
      execution_context :here, :threads, 1
      producer(:source) { emit 1 }
      processes(1) { consumer(:sink, execution_context: :here) { |_| pids.set(0, Process.pid) } }
    end
    job.run

    expect(pids.get(0)).to eq(Process.pid)
  end

  it "runs blocks in every context on the user's instance (contract 3.5)" do
    Runs::KINDS.each do |kind|
      job = job(factor: 3) do
        producer(:source) { emit 2 }
        Runs.within(self, kind) do |options|
          processor(:times, options) { |n| emit([n * @factor, is_a?(Minigun::DSL), variable(:factor)]) }
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results).to eq([[6, true, 3]])
    end
  end

  it "runs on any object as context (contract 3.2)" do
    Runs::KINDS.each do |kind|
      received = []
      task = Minigun::Task.new
      task.root_pipeline.add_stage(:producer, :source) { emit 1 }
      context = Runs::FORKED.include?(kind) ? { type: :processes, pool_size: 1, mode: :pool } : nil
      task.root_pipeline.add_stage(:processor, :middle, { _execution_context: context }.compact) { |n| emit n + 1 }
      task.root_pipeline.add_stage(:consumer, :sink) { |n| received << n }

      expect(task.run(Object.new)).to eq(1)
      expect(received).to eq([2])
    end
  end
end
