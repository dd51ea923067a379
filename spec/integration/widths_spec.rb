# frozen_string_literal: true

RSpec.describe "the width of a stage" do
  include Runs

  include_context "nothing is left"

  # Three items for each slot. Every block stays inside until the stage is full once.
  def crowd(kind, width)
    meeting = rendezvous(width)
    job = job(seen: []) do
      producer(:source) { (width * 3).times { |n| emit n } }
      Runs.within(self, kind, width) do |options|
        consumer(:work, options) do |_|
          meeting.meet
          @seen << [Process.pid, Thread.current.object_id]
        end
      end
    end
    job.run
    [job, meeting]
  end

  (Runs::KINDS - [:inline]).each do |kind|
    [1, 2, 4].each do |width|
      it "is reached and never exceeded in #{kind} of #{width} (contract 21.3)" do
        job, meeting = crowd(kind, width)

        expect(meeting.max).to eq(width)
        expect(job.variable(:seen).size).to eq(width * 3)
        expect(job.report.failed).to eq(0)
      end
    end
  end

  it "is one without a context, items in the order of arrival (contract 10.1)" do
    gauge = Runs::Gauge.new
    job = job do
      producer(:source) { 1_000.times { |n| emit n } }
      processor(:one) do |n|
        gauge.enter
        Thread.pass if (n % 50).zero?
        gauge.leave
        emit n
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(gauge.max).to eq(1)
    expect(job.results).to eq((0...1_000).to_a)
  end

  it "shows as that many threads in threads(3) (contract 21.3)" do
    job, = crowd(:threads, 3)

    pids, threads = job.variable(:seen).transpose.map(&:uniq)
    expect(pids).to eq([Process.pid])
    expect(threads.size).to eq(3)
  end

  it "shows as a thread for each item in thread_per_batch(max: 2) (contract 21.3)" do
    threads = Thread::Queue.new
    job = job do
      producer(:source) { 8.times { |n| emit n } }
      thread_per_batch(max: 2) { consumer(:work) { |_| threads << Thread.current } }
    end
    job.run

    expect(Array.new(threads.size) { threads.pop }.uniq(&:object_id).size).to eq(8)
  end

  it "shows as that many persistent children in processes(3) (contract 21.3)" do
    job, = crowd(:processes, 3)

    pids = job.variable(:seen).map(&:first).uniq
    expect(pids.size).to eq(3)
    expect(pids).not_to include(Process.pid)
  end

  it "shows as a child for each item in process_per_batch(max: 2) (contract 21.3)" do
    job, = crowd(:process_per_batch, 2)

    pids = job.variable(:seen).map(&:first)
    expect(pids.uniq.size).to eq(6)
    expect(pids).not_to include(Process.pid)
  end

  %i[threads thread_per_batch processes process_per_batch].each do |kind|
    it "lets an idle slot of #{kind} take the next item (contract 21.3)" do
      rest_done = gate
      job = job do
        producer(:source) { 8.times { |n| emit n } }
        Runs.within(self, kind, 2) do
          processor(:work) do |n|
            rest_done.wait if n.zero?
            emit n
          end
        end
        consumer(:sink) do |n|
          @results << n
          rest_done.open if @results.size == 7
        end
      end
      job.run

      expect(job.results.last).to eq(0)
      expect(job.results.sort).to eq((0..7).to_a)
    end
  end

  it "is max_threads and max_processes where the pool has no size (contract 10.3)" do
    { threads: 3, processes: 2 }.each do |kind, width|
      meeting = rendezvous(width)
      klass = class_of_jobs do
        producer(:source) { 8.times { |n| emit n } }
        public_send(kind, nil) { consumer(:work) { |_| meeting.meet } }
      end
      klass.max_threads 3
      klass.max_processes 2
      klass.new.run

      expect(meeting.max).to eq(width)
    end
  end

  it "is four where max is nil (contract 10.3)" do
    %i[thread_per_batch process_per_batch].each do |kind|
      meeting = rendezvous(4)
      job do
        producer(:source) { 12.times { |n| emit n } }
        public_send(kind, max: nil) { consumer(:work) { |_| meeting.meet } }
      end.run

      expect(meeting.max).to eq(4)
    end
  end

  it "comes from the instance's own variables (contract 3.4)" do
    klass = class_of_jobs do
      producer(:source) { 12.times { |n| emit n } }
      threads(@width) { consumer(:work) { |_| @meeting.meet } }
    end
    klass.class_eval do
      def initialize(width, meeting)
        @width = width
        @meeting = meeting
      end
    end
    meetings = [2, 3].map { |width| rendezvous(width).tap { |meeting| klass.new(width, meeting).run } }

    expect(meetings.map(&:max)).to eq([2, 3])
  end

  it "holds for each of several stages at the same time (contract 21.3)" do
    meetings = { one: rendezvous(2), two: rendezvous(3), three: rendezvous(2) }
    job = job do
      producer(:source, to: %i[one two three]) { 12.times { |n| emit n } }
      threads(2) { consumer(:one) { |_| meetings[:one].meet } }
      processes(3) { consumer(:two) { |_| meetings[:two].meet } }
      process_per_batch(max: 2) { consumer(:three) { |_| meetings[:three].meet } }
    end
    job.run

    expect(meetings.values.map(&:max)).to eq([2, 3, 2])
  end

  it "lets all producers run at once, in every context (contract 10.1)" do
    meeting = rendezvous(Runs::KINDS.size)
    job = job do
      Runs::KINDS.each do |kind|
        Runs.within(self, kind) do |options|
          producer(:"from_#{kind}", options) do
            meeting.meet
            emit kind
          end
        end
      end
      consumer(:sink) { |kind| @results << kind }
    end
    job.run

    expect(job.results).to match_array(Runs::KINDS)
  end

  it "starts no more slots than there is work for (design 4)" do
    forks = counters
    job do
      producer(:source) { emit 1 }
      before_fork { forks.add(0, 1) }
      processes(8) { consumer(:work) { |_| nil } }
    end.run

    expect(forks.get(0)).to eq(1)
  end

  # A fork holds Ruby's lock, and whoever waits for it is served in turn: a thread that waits behind those of all
  # slots waits for all their forks.
  it "is reached by one fork after the other, and what is thrown into the run comes in between" do
    forks = 0
    runner = nil
    wide = job do
      producer(:source) { 200.times { |n| emit n } }
      processes(48) do
        before_fork { runner.raise(IOError, "enough") if (forks += 1) == 2 }
        consumer(:work) { |_| sleep }
      end
    end
    runner = Thread.new { wide.run }
    runner.report_on_exception = false
    expect { runner.join(30) }.to raise_error(IOError, "enough")
    expect(forks).to be < 12
  end
end
