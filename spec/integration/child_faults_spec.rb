# frozen_string_literal: true

RSpec.describe "faults of children" do
  include Runs

  include_context "nothing is left"

  %i[processes process_per_batch].each do |kind|
    Runs::FAULTS.each do |what, (fault, error_class, text)|
      it "cost one item when the block #{what} in #{kind} (contract 10.4, reliability P5)" do
        job = job do
          producer(:source) { 3.times { |n| emit n } }
          Runs.within(self, kind, 1) do |options|
            processor(:work, options) { |n| n == 1 ? fault.call : emit([n, Process.pid]) }
          end
          consumer(:sink) { |item| @results << item }
        end

        expect(job.run).to eq(3)
        expect(job.results.map(&:first)).to eq([0, 2])
        expect(only_failure(job)).to have_attributes(stage: :work, count: 1, item: "1")
        expect(only_failure(job).error).to be_an_instance_of(error_class) if error_class
        expect(only_failure(job).error.message).to match(text)
        expect(stats_of(job, :work)).to have_attributes(items_consumed: 3, items_produced: 2, items_failed: 1)
        expect(log_output).to match(/ERROR.*\[Stage:work\].*item 1 failed/)
      end
    end

    it "are told with pid, signal and stage for a killed child in #{kind} (reliability P18)" do
      pids = counters
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          consumer(:victim, options) do |_|
            pids.set(0, Process.pid)
            Process.kill(:KILL, Process.pid)
          end
        end
      end
      job.run

      expect(only_failure(job).error).to have_attributes(
        pid: pids.get(0), signal: Signal.list.fetch("KILL"), exit_code: nil, stage: :victim
      )
    end

    it "leave what was emitted before in #{kind} (reliability 6)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          processor(:half, options) do |_|
            50.times { |n| emit n }
            Process.kill(:KILL, Process.pid)
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results).to eq((0...50).to_a)
      expect(job.report.failed).to eq(1)
    end

    it "do not reach the neighbours in the other slots of #{kind} (reliability P17)" do
      job = job do
        producer(:source) { 20.times { |n| emit n } }
        Runs.within(self, kind, 3) do |options|
          processor(:work, options) { |n| (n % 5).zero? ? Process.kill(:KILL, Process.pid) : emit(n) }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq((0...20).reject { |n| (n % 5).zero? })
      expect(job.report.failed).to eq(4)
      expect(job.report.failures.map { |failure| failure.error.class }.uniq).to eq([Minigun::WorkerDied])
    end

    it "leave nothing of a dead child's state behind in #{kind} (contract 21.1)" do
      job = job(log: []) do
        producer(:source) { 3.times { |n| emit n } }
        Runs.within(self, kind, 1) do |options|
          consumer(:work, options) do |n|
            @log << n
            Process.kill(:KILL, Process.pid) if n == 1
          end
        end
      end
      job.run

      expect(job.variable(:log).sort).to eq([0, 2])
    end

    it "leave nothing behind of a child that dies while its state is on the way in #{kind} (contract 21.1)" do
      job = job(log: [], rest: []) do
        producer(:source) { 3.times { |n| emit n } }
        Runs.within(self, kind, 1) do |options|
          consumer(:work, options) do |n|
            @log << n
            @rest << (n == 1 ? Runs::Bomb.new : n)
          end
        end
      end
      job.run

      expect([job.variable(:log).sort, job.variable(:rest).sort]).to eq([[0, 2], [0, 2]])
      expect(only_failure(job)).to have_attributes(stage: :work, item: "1")
    end

    it "end a producer in #{kind}; what it emitted is processed (contract 10.7)" do
      job = job do
        Runs.within(self, kind, 1) do |options|
          producer(:mortal, options) do
            3.times { |n| emit n }
            Process.kill(:KILL, Process.pid)
          end
        end
        producer(:other) { emit 10 }
        consumer(:sink) { |n| @results << n }
      end

      expect(job.run).to eq(4)
      expect(job.results.sort).to eq([0, 1, 2, 10])
      expect(only_failure(job)).to have_attributes(stage: :mortal, error: an_instance_of(Minigun::WorkerDied))
    end

    [["exits", -> { exit 3 }], ["gets a TERM", -> { Process.kill(:TERM, Process.pid) && sleep }],
     ["ends its thread", -> { Thread.exit }], ["raises an Interrupt", -> { raise Interrupt }]].each do |what, fault|
      it "do not end the run when a producer in #{kind} #{what} (contract 19.11)" do
        job = job do
          Runs.within(self, kind, 1) do |options|
            producer(:mortal, options) do
              emit 1
              instance_exec(&fault)
            end
          end
          producer(:other) { 3.times { |n| emit 10 + n } }
          consumer(:sink) { |n| @results << n }
        end

        expect(job.run).to eq(4)
        expect(job.results.sort).to eq([1, 10, 11, 12])
        expect(only_failure(job)).to have_attributes(stage: :mortal, count: 1)
      end
    end

    it "do not come from children that the block forks itself in #{kind} (reliability I15)" do
      job = job do
        producer(:source) { 3.times { |n| emit n } }
        Runs.within(self, kind, 1) do |options|
          processor(:work, options) do |n|
            reader, writer = IO.pipe
            pid = fork do
              writer.write(n.to_s)
              writer.close
              exit!(0)
            end
            writer.close
            Process.wait(pid)
            emit [n, reader.read]
          end
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results.sort).to eq([[0, "0"], [1, "1"], [2, "2"]])
      expect(job.report).to be_success
    end

    it "do not come from a grandchild that emits or ends normally in #{kind} (reliability I14, I15)" do
      refused = counters
      job = job do
        producer(:source) { 2.times { |n| emit n } }
        Runs.within(self, kind, 1) do |options|
          processor(:work, options) do |n|
            pid = fork do
              begin
                emit :from_the_grandchild
              rescue Minigun::Error
                refused.add(0, 1)
              end
              exit!(0)
            end
            Process.wait(pid)
            emit n
          end
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results.sort).to eq([0, 1])
      expect(refused.get(0)).to eq(2)
    end

    it "flush what the child printed in #{kind}, exit included (reliability I2)" do
      result = run_script(<<~RUBY, kind.to_s)
        require "minigun"
        Minigun.logger = Logger.new(File::NULL)
        class Talker
          include Minigun::DSL
          pipeline do
            producer(:source) { 3.times { |n| emit n } }
            body = proc { consumer(:talk) { |n| $stdout.print "said \#{n};"; exit if n == 2 } }
            ARGV[0] == "process_per_batch" ? process_per_batch(max: 1, &body) : processes(1, &body)
          end
        end
        print "before;"
        Talker.new.run
        print "after"
      RUBY

      expect(result.stdout).to eq("before;said 0;said 1;said 2;after")
      expect(result).to be_success
    end
  end

  it "make the next of a pool's children take over; the dead one's items are not repeated (reliability P3)" do
    runs = counters(20)
    job = job do
      producer(:source) { 20.times { |n| emit n } }
      processes(2) do
        processor(:work) do |n|
          runs.add(n, 1)
          Process.kill(:KILL, Process.pid) if [3, 4, 11].include?(n)
          emit n
        end
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(runs.to_a).to eq([1] * 20)
    expect(job.results.sort).to eq((0...20).to_a - [3, 4, 11])
    expect(job.report.failures.map(&:item)).to contain_exactly("3", "4", "11")
  end

  it "leave a delivered item delivered although the child dies after it (reliability P4)" do
    %i[processes process_per_batch].each do |kind|
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) { processor(:work) { |n| emit n } }
        before_exit(:work) { Process.kill(:KILL, Process.pid) }
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results).to eq([1])
      expect(job.report.failed).to eq(0)
    end
  end

  it "in thirty children leave every item with one outcome (reliability P1)" do
    job = job do
      producer(:source) { 30.times { |n| emit n } }
      process_per_batch(max: 4) do
        processor(:work) do |n|
          Process.kill(:KILL, Process.pid) if (n % 3).zero?
          emit n
          exit!(1) if n % 3 == 1
        end
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq((0...30).reject { |n| (n % 3).zero? })
    expect(stats_of(job, :work)).to have_attributes(items_consumed: 30, items_failed: 20, items_produced: 20)
  end
end
