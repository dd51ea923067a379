# frozen_string_literal: true

RSpec.describe "shared collections of a class (contract 21.1)" do
  include_context "base set"

  def shared_job(variables = {}, &body)
    job_class(variables) do
      shared_counter :sent
      shared_array :rows
      shared_hash :totals
      class_exec(&body)
    end
  end

  Runs::KINDS.each do |kind|
    it "count, gather and add up from #{kind}" do
      job = shared_job do
        pipeline do
          producer(:numbers) { 20.times { |i| emit(i) } }
          batch 5
          Runs.within(self, kind) do |options|
            consumer(:send, options) do |batch|
              sent.increment(batch.size)
              rows.concat(batch)
              batch.each { |i| totals.add(i.even? ? "even" : "odd", i) }
              totals.append(:firsts, batch.first)
            end
          end
        end
      end.new
      job.run
      expect(job.sent.value).to eq(20)
      expect(job.rows.to_a).to match_array(0...20)
      expect(job.totals.to_h).to match({ "even" => 90, "odd" => 100, firsts: contain_exactly(0, 5, 10, 15) })
    end
  end

  it "are seen while children are at work" do
    job = shared_job do
      pipeline do
        producer(:go) { emit(:item) }
        process_per_batch(max: 1) do
          consumer :work do
            sent.increment
            sleep(0.001) until totals.key?(:seen)
          end
        end
      end
    end.new
    run = Thread.new { job.run }
    eventually { job.sent == 1 }
    job.totals[:seen] = true
    expect(run.value).to eq(1)
  end

  it "keep what a child that is killed has told, and count on in other children" do
    job = shared_job do
      pipeline do
        producer(:numbers) { 12.times { |i| emit(i) } }
        processes(2) do
          consumer :work do |i|
            sent.increment
            rows << i
            Process.kill(:KILL, Process.pid) && sleep if (i % 4).zero?
          end
        end
      end
    end.new
    job.run
    expect([job.sent.value, job.rows.to_a.sort, job.report.failed]).to eq([12, [*0...12], 3])
  end

  it "belong to an instance, through all its runs" do
    klass = shared_job { pipeline { producer(:one) { sent.increment } } }
    first, second = klass.new, klass.new # rubocop:disable Style/ParallelAssignment
    2.times { first.run }
    second.run
    expect([first.sent.value, second.sent.value]).to eq([2, 1])
    expect([first.dup.sent, first.sent]).to all(equal(Minigun.shared(first, :sent)))
  end

  it "are there before the first run, in every hook and in helper methods" do
    job = shared_job do
      def note(what) = rows << what
      pipeline do
        before_run { note(:before_run) }
        producer(:one) { emit(1) }
        process_per_batch(max: 1) { consumer(:work) { |_| note(:work) } }
        before(:work) { note(:before) }
        after(:work) { note(:after) }

        before_fork { note(:before_fork) }
        after_fork { note(:after_fork) }
        before_exit { note(:before_exit) }
        after_run { note(:after_run) }
      end
    end.new
    job.note(:first)
    job.run
    expect(job.rows.to_a)
      .to eq(%i[first before_run before_fork after_fork before work after before_exit after_run])
  end

  it "are inherited, declared again or replaced by subclasses" do
    parent = shared_job { pipeline { producer(:one) { sent.increment } } }
    child = Class.new(parent) do
      shared_counter :sent, value: 100
      shared_counter :more, :others
    end
    job = child.new
    job.run
    expect([job.sent.value, job.more.value, job.others.value, parent.new.respond_to?(:more)]).to eq([101, 0, 0, false])
  end

  it "let a method of the user's win, and are reachable another way (contract 21.7)" do
    job = job_class do
      shared_counter :sent, :failed
      def sent = :mine
      attr_accessor :failed

      pipeline do
        producer(:one) { emit(1) }
        processes(1) do
          consumer(:work) do |_|
            Minigun.current.shared(:sent).increment if sent == :mine
            @failed = 5
          end
        end
      end
    end.new
    job.run
    expect([job.sent, job.failed, Minigun.shared(job, :sent).value]).to eq([:mine, nil, 1])
    expect { Minigun.shared(job, :sennt) }
      .to raise_error(KeyError, /declares no shared collection :sennt. Did you mean :sent/)
  end

  it "are found by a name that the block asks for, or an error is" do
    job = shared_job { pipeline { producer(:one) { Minigun.current.shared(:nothing) } } }.new
    job.run
    expect(job.report.failures.first.error).to be_a(KeyError)
      .and have_attributes(message: /no shared collection :nothing is declared. Known: :sent, :rows, :totals/)
  end

  it "are refused under names that every object answers to, and with bad options" do
    expect { job_class { shared_counter :run } }
      .to raise_error(ArgumentError, /shared_counter :run: every Minigun::DSL has a method of that name/)
    expect { job_class { shared_hash :hash } }.to raise_error(ArgumentError, /shared_hash :hash: every Object has/)
    expect { job_class { shared_array 5 } }.to raise_error(ArgumentError, /shared_array: a name must be a Symbol/)
    expect { job_class { shared_counter } }.to raise_error(ArgumentError, /shared_counter: a name is needed/)
    expect { job_class { shared_counter :sent, value: "1" } }.to raise_error(TypeError, /SharedCounter :sent/)
    expect { job_class { shared_array :rows, capacity: 1.5 } }
      .to raise_error(ArgumentError, /SharedArray :rows: the capacity/)
  end

  it "fail the item that finds no room" do
    job = job_class do
      shared_array :rows, capacity: 16_384
      pipeline do
        producer(:sizes) { [100, 50_000, 100].each { |size| emit("x" * size) } }
        processes(1) { consumer(:keep) { |text| rows << text } }
      end
    end.new
    job.run
    expect(job.rows.map(&:size)).to eq([100, 100])
    expect(job.report.failures.map { |failure| [failure.error.class, failure.error.message] })
      .to eq([[Minigun::SharedMemoryFull, "SharedArray :rows is full: give it a capacity of more than 16384 bytes"]])
  end

  it "cannot be sent, and do not keep an instance from being dumped" do
    stub_const("SharedDumpJob", shared_job { pipeline { producer(:one) { emit(1) } } })
    job = SharedDumpJob.new
    job.sent.increment
    copy = Marshal.load(Marshal.dump(job))
    expect([copy.sent.value, job.sent.value]).to eq([0, 1])
    expect { Minigun::Native.dump(job.rows) }
      .to raise_error(Minigun::SerializationError, /SharedArray :rows cannot be dumped/)
    expect { SharedDumpJob.new.freeze.sent }.to raise_error(Minigun::Error, /a frozen object can have no shared/)
  end

  it "are dropped with what a class said before the DSL was included again (contract 3.7)" do
    klass = shared_job { pipeline { producer(:one) { emit(1) } } }
    klass.include(Minigun::DSL)
    expect { klass.new.sent }.to raise_error(KeyError, /declares no shared collection :sent/)
    klass.shared_counter(:sent, value: 3)
    expect(klass.new.sent).to eq(3)
  end

  it "give their memory back with the last reference" do
    mapped = -> { File.foreach("/proc/self/smaps").grep(/zero \(deleted\)/).size }
    before = mapped.call
    20.times { job_class { shared_hash :totals }.new.totals[1] = 1 }
    GC.start
    expect(mapped.call).to be <= before + 2
  end
end
