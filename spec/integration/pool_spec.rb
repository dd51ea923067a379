# frozen_string_literal: true

RSpec.describe "a pool of processes" do
  include Runs

  include_context "nothing is left"

  it "keeps its children for the whole run (contract 21.3)" do
    job = job do
      producer(:source) { 200.times { |n| emit n } }
      processes(2) { processor(:work) { |_| emit Process.pid } }
      consumer(:sink) { |pid| @results << pid }
    end
    job.run

    expect(job.results.size).to eq(200)
    expect(job.results.uniq.size).to be_between(1, 2)
  end

  it "keeps a child's own variables from item to item (contract 10.4)" do
    job = job do
      producer(:source) { 5.times { |n| emit n } }
      processes(1) { processor(:sum) { |n| emit(@total = @total.to_i + n) } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results).to eq([0, 1, 3, 6, 10])
    expect(job.variable(:total)).to be_nil
  end

  it "hands its children items while they work, in the order of arrival (contract 10.1)" do
    job = job do
      producer(:source) { 3_000.times { |n| emit n } }
      processes(1) { processor(:work) { |n| emit n } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results).to eq((0...3_000).to_a)
  end

  it "forks a child when there is work for it: it sees what earlier stages have set up (design 4)" do
    job = job do
      producer(:source) do
        @prepared = :yes
        emit 1
      end
      processes(1) { processor(:work) { |_| emit @prepared } }
      consumer(:sink) { |item| @results << item }
    end
    job.run

    expect(job.results).to eq([:yes])
  end

  it "forks the others while one works, or needs long to begin (contract 21.3)" do
    wait_for_all = lambda do |pids|
      pids << Process.pid
      sleep(0.001) until pids.to_a.uniq.size == 3
    end
    jobs = [true, false].map do |begins|
      definition = class_of_jobs(meet: wait_for_all) do
        producer(:source) { 3.times { |n| emit n } }
        processes(3) { processor(:work) { |n| (begins ? nil : @meet.call(present)) || emit(n) } }
        after_fork { @meet.call(present) } if begins
        consumer(:sink) { |n| @results << n }
      end
      definition.shared_array(:present)
      definition.new.tap(&:run)
    end
    expect(jobs.map { |job| job.results.sort }).to eq([[0, 1, 2]] * 2)
  end

  it "brings state home after each item: later stages see it (contract 21.1)" do
    job = job(done: []) do
      producer(:source) { 5.times { |n| emit n } }
      processes(1) do
        processor(:work) do |n|
          @done << n
          emit n
        end
      end
      consumer(:sink) { |_| @results << @done.size }
    end
    job.run

    expect(job.variable(:done)).to eq([0, 1, 2, 3, 4])
    # An item that an earlier one's outcome precedes finds that one's additions.
    expect(job.results.each_with_index).to all(satisfy { |size, earlier| size >= earlier })
  end

  it "brings home what before_exit hooks add (contract 21.1)" do
    job = job(done: []) do
      producer(:source) { 4.times { |n| emit n } }
      processes(2) { consumer(:work) { |n| (@kept ||= []) << n } }
      before_exit(:work) { @done.concat(@kept) }
    end
    job.run

    expect(job.variable(:done).sort).to eq([0, 1, 2, 3])
  end

  it "names its children after the stage (contract 10.4)" do
    job = job do
      producer(:source) { emit 1 }
      processes(1) { processor(:worker_of_mine) { |_| emit File.read("/proc/self/cmdline") } }
      process_per_batch(max: 1) { processor(:once) { |title| emit [title, File.read("/proc/self/cmdline")] } }
      consumer(:sink) { |titles| @results << titles }
    end
    job.run

    titles = job.results.flatten.map { |title| title.delete("\0").strip }
    expect(titles).to eq(%w[minigun:worker_of_mine minigun:once])
  end

  it "takes large items and gives large results at the same time without blocking itself (design 3)" do
    text = "x" * 3_000_000
    job = job do
      producer(:source) { 6.times { emit text } }
      processes(2) { processor(:echo) { |item| 2.times { emit item } } }
      consumer(:sink) { |item| @results << item.bytesize }
    end
    job.run

    expect(job.results).to eq([3_000_000] * 12)
  end

  it "lets a chain of pools work at once (contract 21.3)" do
    meeting = rendezvous(3)
    job = job do
      producer(:source) { 9.times { |n| emit n } }
      3.times do |i|
        processes(1) do
          processor(:"stage_#{i}") do |n|
            meeting.meet if n == 2 - i
            emit n
          end
        end
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(meeting.max).to eq(3)
    expect(job.results).to eq((0...9).to_a)
  end

  it "ends its children when the run is over, also with before_exit hooks (contract 20)" do
    pids = Thread::Queue.new
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      processes(2) { processor(:work) { |_| emit Process.pid } }
      before_exit(:work) { emit Process.pid }
      consumer(:sink) { |pid| pids << pid }
    end
    job.run

    expect(Array.new(pids.size) { pids.pop }.uniq.select { |pid| process_running?(pid) }).to be_empty
  end

  it "goes on with new children when all have died (reliability P9)" do
    job = job do
      producer(:source) { 12.times { |n| emit n } }
      processes(3) { processor(:work) { |n| n < 6 ? exit!(1) : emit(n) } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq((6...12).to_a)
    expect(job.report.failed).to eq(6)
  end

  it "gives up an item whose children die before they begin with it (reliability 6)" do
    forks = counters
    job = job do
      producer(:source) { 2.times { |n| emit n } }
      after_fork(:work) { forks.add(0, 1) && exit!(9) }
      processes(1) { consumer(:work) { |n| @results << n } }
    end
    job.run

    expect(job.results).to be_empty
    expect(job.report.failures.map { |failure| failure.error.message }).to all(include("exited with status 9"))
    expect(job.report.failed).to eq(2)
    expect(forks.get(0)).to be_between(2, 6)
  end

  it "does not let a child outlive a run whose block never ends (contract 10.8)" do
    pids = counters
    begun = gate
    job = job do
      producer(:source) { emit 1 }
      processes(1) do
        consumer(:work) do |_|
          Signal.trap(:TERM, "IGNORE")
          pids.set(0, Process.pid)
          begun.open
          sleep
        end
      end
    end
    runner = Thread.new { job.run }
    begun.wait
    runner.kill
    expect(runner.join(20)).to be(runner)

    eventually(10, "the child still runs") { !process_running?(pids.get(0)) }
  end
end
