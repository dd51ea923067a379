# frozen_string_literal: true

require "timeout"

RSpec.describe "the account of a run" do
  include Runs

  include_context "nothing is left"

  # In every stage and in all; nothing is abandoned by a run that ended by itself.
  def expect_balance(report, abandoned: 0)
    accounts = report.stages.values + [report.totals]
    accounts.each do |account|
      expect(account.fetch(:accepted)).to eq(account.values_at(:processed, :failed, :abandoned).sum)
      expect(account.values_at(:accepted, :processed, :failed, :abandoned)).to all(be >= 0)
    end
    expect(report.abandoned).to match(abandoned)
  end

  # Runs it; what is raised is the value.
  def raised_by
    yield
    nil
  rescue Exception => e # rubocop:disable Lint/RescueException -- compared by the caller
    e
  end

  Runs::KINDS.each do |kind|
    it "tells accepted from processed and failed in #{kind} (contract 21.4, reliability P1)" do
      job = job do
        producer(:source) { 10.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          processor(:work, options) { |n| (n % 4).zero? ? raise("no") : 2.times { emit n } }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.report.stages[:work]).to include(accepted: 10, processed: 7, failed: 3, abandoned: 0)
      expect(job.report).to have_attributes(accepted: 24, processed: 21, failed: 3, abandoned: 0, retried: 0)
      expect(job.report.stats.account).to eq(job.report.totals)
      expect_balance(job.report)
    end

    it "counts the items of an accumulator's batches in #{kind} (contract 7.3)" do
      job = job do
        producer(:source) { 10.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          accumulator(:pack, options.merge(max_size: 4)) { |batch| batch.include?(5) ? raise("no") : emit(batch.sum) }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq([6, 17])
      expect(job.report.stages[:pack]).to include(accepted: 10, processed: 6, failed: 4)
      expect_balance(job.report)
    end

    it "takes an item out of its batch when a hook fails after it in #{kind} (contract 10.5)" do
      job = job do
        producer(:source) { 6.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          accumulator(:pack, options.merge(max_size: 3)) { |batch| emit batch }
        end
        after(:pack) { raise "no" if (@hooks = @hooks.to_i + 1) == 2 }

        consumer(:sink) { |batch| @results << batch }
      end
      job.run

      expect(job.results).to contain_exactly([0, 2, 3], [4, 5])
      expect(job.report.stages[:pack]).to include(accepted: 6, processed: 5, failed: 1)
      expect_balance(job.report)
    end

    it "takes an item out of its batch when a hook ends the thread after it in #{kind} (contract 10.5)" do
      job = job do
        producer(:source) { 6.times { |n| emit n } }
        Runs.within(self, kind) { |options| accumulator(:pack, options.merge(max_size: 3)) { |batch| emit batch } }
        after(:pack) { Thread.exit if (@hooks = @hooks.to_i + 1) == 2 }

        consumer(:sink) { |batch| @results << batch }
      end
      job.run

      expect(job.results).to contain_exactly([0, 2, 3], [4, 5])
      expect(job.report.stages[:pack]).to include(accepted: 6, processed: 5, failed: 1)
      expect_balance(job.report)
    end

    it "counts a stage that ends its thread in #{kind} (reliability P1)" do
      job = job do
        producer(:source) { 6.times { |n| emit n } }
        Runs.within(self, kind) { |options| consumer(:work, options) { |n| Thread.exit if n.odd? } }
      end
      job.run

      expect(job.report.stages[:work]).to include(accepted: 6, processed: 3, failed: 3)
      expect_balance(job.report)
    end

    it "adds up after a Timeout of the run in #{kind} (reliability P1)" do
      entered = gate
      job = job do
        producer(:source) { 20.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          consumer(:work, options) do |n|
            raise "no" if n == 1

            n >= 4 ? entered.open && sleep : @results << n
          end
        end
      end
      runner = Thread.new { job.run }
      runner.report_on_exception = false
      entered.wait
      runner.raise(Timeout::Error, "enough")

      expect(raised_by { runner.value }).to be_a(Timeout::Error)
      expect(job.report.stages[:work]).to include(failed: be <= 1, accepted: be_between(5, 20))
      expect_balance(job.report, abandoned: be >= 1)
      expect(log_output).to match(/Gave up in .* accepted, .* abandoned/)
    end
  end

  it "adds up when a batch is waiting and the run is given up (reliability P1)" do
    entered = gate
    job = job do
      producer(:source) { 11.times { |n| emit n } }
      process_per_batch(max: 1) { accumulator(:pack, max_size: 5) { |_| entered.open && sleep } }
    end
    runner = Thread.new { job.run }
    entered.wait
    runner.kill.join

    expect_balance(job.report, abandoned: be_between(5, 11))
  end

  it "counts an exception that ends the run as the failure of its item (contract 10.7)" do
    job = job do
      producer(:source) { emit 1 }
      consumer(:work) { |_| raise NotImplementedError, "later" }
    end

    expect { job.run }.to raise_error(NotImplementedError)
    expect(only_failure(job)).to have_attributes(stage: :work, item: "1", cause: :exception)
    expect_balance(job.report)
  end

  it "counts the run of a producer that fails, and an emission that is lost (reliability P17)" do
    job = job do
      producer(:source) { emit(1) && raise("no") }
      producer(:source) do
        emit 1
        raise "no"
      end
      processes(1) { processor(:work) { |n| 2.times { |i| emit(i.zero? ? n : proc {}) } } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.report.stages[:source]).to include(accepted: 1, failed: 1)
    expect(job.report.stages[:work]).to include(accepted: 2, processed: 1, failed: 1)
    expect_balance(job.report)
  end

  it "gives a stage that holds a pipeline the sum of its stages (contract 10.6)" do
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      pipeline :inner do
        processor(:check) { |n| n == 2 ? raise("two") : emit(n) }
        process_per_batch(max: 2) { processor(:double) { |n| n == 3 ? exit!(9) : 2.times { emit n } } }
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.report.stages[:inner]).to include(consumed: 4, accepted: 7, processed: 5, failed: 2)
    expect_balance(job.report)
  end

  Runs::FORKED.each do |kind|
    it "tells how many emissions of a failed item had gone on in #{kind} (reliability 6)" do
      job = job do
        producer(:source) { 2.times { |n| emit n } }
        Runs.within(self, kind, 1) do |options|
          processor(:work, options) do |n|
            5.times { |i| emit i }
            n.zero? ? Process.kill(:KILL, Process.pid) : raise("no")
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.report.failures.map(&:delivered)).to eq([5, 5])
      expect(job.report.failures.map(&:cause)).to eq(%i[signal exception])
      expect(job.report.failures.first).to have_attributes(signal: "SIGKILL", attempt: 1)
      expect_balance(job.report)
    end
  end

  it "is one line in the log (contract 21.4)" do
    job = job do
      producer(:source) { 3.times { |n| emit n } }
      consumer(:work) { |n| raise "no" if n == 1 }
    end
    job.run

    expect(log_output).to include("3 accepted, 2 processed, 1 failed, 0 abandoned, 0 retried")
  end

  describe "raise_on_failure" do
    def job_that_fails(&macro)
      klass = class_of_jobs do
        producer(:source) { 3.times { |n| emit n } }
        consumer(:work) { |n| n == 1 ? raise("no") : @results << n }
      end
      klass.class_exec(&macro) if macro
      klass.new
    end

    it "is off: run raises nothing for failed items (contract 10.7)" do
      expect(job_that_fails.run).to eq(3)
    end

    it "raises with the report when the run is over, as a macro and as an option (contract 21.4)" do
      [[job_that_fails { raise_on_failure }, {}], [job_that_fails { raise_on_failure true }, {}],
       [job_that_fails, { raise_on_failure: true }]].each do |job, options|
        %i[run perform].each do |how|
          expect { job.public_send(how, **options) }.to raise_error(Minigun::ItemsFailed, /1 of 3 items/) { |error|
            expect(error.report).to equal(job.report)
          }
        end
        expect(job.results).to eq([0, 2, 0, 2])
      end
    end

    it "is as the option says, where both are given" do
      expect(job_that_fails { raise_on_failure }.run(raise_on_failure: false)).to eq(3)
      expect(job_that_fails { raise_on_failure false }.run).to eq(3)
    end

    it "raises nothing when no item failed" do
      klass = class_of_jobs { producer(:source) { emit 1 } && consumer(:work) { |n| @results << n } }
      klass.raise_on_failure
      expect(klass.new.run).to eq(1)
    end

    it "is inherited and holds for Task#run (contract 3.6)" do
      job = job_that_fails { raise_on_failure }
      expect { Class.new(job.class).new.run }.to raise_error(Minigun::ItemsFailed)
      expect { job.run }.to raise_error(Minigun::ItemsFailed)
      expect { job.class._minigun_task.run(job) }.to raise_error(Minigun::ItemsFailed)
    end
  end
end
