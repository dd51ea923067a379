# frozen_string_literal: true

# What the original does and nobody may have wanted (contract 16); the other numbers stand in the specs
# of the areas they belong to.
RSpec.describe "quirks of the original that are gone (contract 16, 21.5)" do
  include Runs

  include_context "nothing is left"

  it "run producers on the instance itself (Q2)" do
    job = job do
      producer(:source) { (@assigned = self) && emit(1) }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.variable(:assigned)).to equal(job)
  end

  it "honour the context of a stage that is not terminal, and of consumers in a row (Q4, Q5)" do
    pids = counters(3)
    job = job do
      producer(:source) { emit 1 }
      process_per_batch(max: 1) do
        processor(:one) { |n| pids.set(0, Process.pid) && emit(n) }
        consumer(:two) { |n| pids.set(1, Process.pid) && emit(n) }
        consumer(:three) { |_| pids.set(2, Process.pid) }
      end
    end
    job.run

    expect(pids.to_a.push(Process.pid).uniq.size).to eq(4)
  end

  it "let no at_exit block and no finalizer of the parent run in a child (Q7)" do
    result = run_script(<<~RUBY)
      require "minigun"
      Minigun.logger = Logger.new(File::NULL)
      at_exit { puts "at exit" }
      class Job
        include Minigun::DSL
        pipeline do
          producer(:source) { 3.times { |n| emit n } }
          processes(1) { processor(:one) { |n| emit n } }
          process_per_batch(max: 1) { consumer(:two) { |_| nil } }
        end
      end
      job = Job.new
      ObjectSpace.define_finalizer(job, proc { puts "finalized" })
      job.run
    RUBY
    expect([result.stdout.lines.sort, result.stderr]).to eq([["at exit\n", "finalized\n"], ""])
  end

  it "evaluate a named block for the instance that runs (Q12)" do
    klass = class_of_jobs(width: 3) { consumer(:sink, from: :feed) { |n| @results << n } }
    klass.pipeline(:feed) do
      width = @width
      producer(:source) { width.times { |n| emit n } }
    end
    job = klass.new

    expect([job.run, job.results]).to eq([3, [0, 1, 2]])
  end

  it "hand on what the last stage of a producer pipeline emits, whatever stands before it (Q18, Q19)" do
    klass = class_of_jobs { consumer(:sink, from: %i[long bare]) { |n| @results << n } }
    klass.pipeline(:long) do
      producer(:source) { 4.times { |n| emit n } }
      processor(:twice) { |n| emit n * 2 }
      accumulator(:pairs, max_size: 2)
      consumer(:forward) { |pair| emit pair }
    end
    klass.pipeline(:bare) { producer(:only) { emit :bare } }
    job = klass.new
    job.run

    expect(job.results).to contain_exactly([0, 2], [4, 6], :bare)
  end

  it "run a block without parameters once, and feed it nothing (Q25)" do
    job = job do
      producer(:source) { 5.times { |n| emit n } }
      consumer(:odd) { @results << :ran }
      consumer(:sink) { |n| @results << n }
    end

    expect(job.run).to eq(5)
    expect(job.results).to contain_exactly(:ran, 0, 1, 2, 3, 4)
  end

  it "leave no thread behind when a producer is not implemented, and run no after_run hook (Q29)" do
    job = job do
      producer(:abstract) { raise NotImplementedError, "write me" }
      threads(3) { processor(:work) { |n| emit n } }
      processes(2) { consumer(:sink) { |n| @results << n } }
      after_run { @results << :after_run }
    end
    threads = Thread.list

    expect { job.run }.to raise_error(NotImplementedError, "write me")
    eventually(5) { (Thread.list - threads).empty? }
    expect(job.results).to eq([])
  end

  it "flush accumulators at any depth (Q30)" do
    job = job do
      producer(:source) { 5.times { |n| emit n } }
      4.times do |i|
        accumulator(:"batch#{i}", max_size: 100)
        processor(:"work#{i}") { |list| i == 3 ? emit(list) : list.each { |n| emit n } }
      end
      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results).to eq([[0, 1, 2, 3, 4]])
  end

  it "run after_producer hooks, those of a copied pipeline too (Q35)" do
    klass = class_of_jobs do
      producer(:source) { emit 1 }
      after_producer { @results << :over }
    end
    job = Class.new(klass).new
    job.run

    expect(job.results).to eq([:over])
  end

  it "install signal handlers for the run alone, not for a Runner that is built (Q41)" do
    handler = -> { Signal.trap("TERM", "DEFAULT").tap { |before| Signal.trap("TERM", before) } }
    before = handler.call
    task = Minigun::Task.new
    during = nil
    task.add_hook(:before_run) { during = handler.call }
    runner = Minigun::Runner.new(task, Object.new)

    expect(handler.call).to eq(before)
    runner.run
    expect([during == before, handler.call]).to eq([false, before])
  end
end
