# frozen_string_literal: true

RSpec.describe "sets, mutexes and semaphores of a class (contract 21.1)" do
  include_context "base set"

  def locking_job(variables = {}, &body)
    job_class(variables) do
      shared_set :seen
      shared_counter :fetched, :clashes
      mutex :turn
      semaphore :slots, permits: 2
      class_exec(&body)
    end
  end

  Runs::KINDS.each do |kind|
    it "let one item through once, one block at a time, from #{kind}" do
      gauge = Runs::Gauge.new
      job = locking_job do
        pipeline do
          producer(:pages) { 60.times { |i| emit(i % 20) } }
          Runs.within(self, kind, 4) do |options|
            consumer(:fetch, options) do |page|
              next unless seen.add?(page)

              slots.synchronize { gauge.enter && gauge.leave }
              turn.synchronize { fetched.value = fetched.value + 1 }
            end
          end
        end
      end.new
      job.run
      expect([job.fetched.value, job.seen.size, job.report.failed]).to eq([20, 20, 0])
      expect(gauge.max).to be <= 2
      expect([job.slots.available, job.turn.try_lock]).to eq([2, true])
      job.turn.unlock
    end
  end

  it "come back from a worker that is killed in the midst of a block" do
    job = locking_job do
      pipeline do
        producer(:numbers) { 12.times { |i| emit(i) } }
        processes(3) do
          consumer :work do |i|
            slots.synchronize do
              turn.synchronize do
                fetched.increment
                Process.kill(:KILL, Process.pid) && sleep if (i % 4).zero?
              end
            end
          end
        end
      end
    end.new
    job.run
    expect([job.fetched.value, job.report.failed, job.slots.available]).to eq([12, 3, 2])
    expect(job.turn.synchronize { :free }).to eq(:free)
  end

  it "are found in the same ways as shared collections, and inherited" do
    parent = locking_job { pipeline { producer(:one) { Minigun.current.shared(:seen).add(1) } } }
    job = Class.new(parent) { semaphore :slots, permits: 7 }.new
    job.run
    expect([job.seen.to_a, job.slots.permits, Minigun.shared(job, :turn)]).to eq([[1], 7, job.turn])
    expect(job.inspect).to be_a(String)
  end

  it "are refused with bad names and numbers" do
    expect { job_class { mutex :run } }.to raise_error(ArgumentError, /mutex :run: every Minigun::DSL has a method/)
    expect { job_class { mutex } }.to raise_error(ArgumentError, /mutex: a name is needed/)
    expect { job_class { semaphore :api, permits: 0 } }
      .to raise_error(ArgumentError, /SharedSemaphore :api: permits must be an Integer of at least 1, got 0/)
    expect { job_class { semaphore :api } }.to raise_error(ArgumentError, /permits/)
    expect { job_class { shared_set :seen, capacity: "1" } }.to raise_error(ArgumentError, /SharedSet :seen: the cap/)
  end

  # LONG=1: 16 processes x 1,000,000 operations.
  it "are exact under many processes, while others are killed", timeout: 3_700 do
    result = run_script("spec/scripts/shared_exact.rb", *(ENV["LONG"] ? %w[16 1000000] : %w[4 3000]),
                        deadline: ENV["LONG"] ? 3_600 : 60)
    expect(result.stderr).to eq("")
    exact = %w[set mutex semaphore counter hash array].map { |name| "#{name} exact\n" }
    expect(result.stdout.lines).to eq(exact)
  end
end
