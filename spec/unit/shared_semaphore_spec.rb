# frozen_string_literal: true

RSpec.describe Minigun::SharedSemaphore do
  include_context "base set"

  let!(:semaphore) { described_class.new(2, name: :api) }

  # A process that holds a permit until it is killed.
  def holder(pool = semaphore)
    reader, writer = IO.pipe
    pid = forked do
      pool.acquire
      writer.puts("held")
      sleep
    end
    read_line(reader)
    pid
  ensure
    [reader, writer].each(&:close)
  end

  def kill(pid)
    Process.kill(:KILL, pid)
    Process.wait(pid)
  end

  it "gives out as many permits as there are" do
    expect(semaphore.synchronize { semaphore.available }).to eq(1)
    expect([semaphore.acquire, semaphore.try_acquire, semaphore.try_acquire, semaphore.available])
      .to eq([true, true, false, 0])
    in_child { raise "a third one" if semaphore.try_acquire || semaphore.acquire(timeout: 0.02) }
    expect(semaphore.release).to be(semaphore)
    in_child { semaphore.synchronize { nil } }
    semaphore.release
    expect([semaphore.available, semaphore.permits]).to eq([2, 2])
  end

  it "refuses what would never end, and what is not this thread's" do
    expect { semaphore.release }.to raise_error(ThreadError, /no permit/)
    2.times { semaphore.acquire }
    expect { semaphore.acquire }.to raise_error(ThreadError, /deadlock; this thread holds every permit/)
    expect(semaphore.acquire(timeout: 0.01)).to be(false)
    thread = Thread.new { semaphore.release }
    thread.report_on_exception = false
    expect { thread.value }.to raise_error(ThreadError)
    2.times { semaphore.release }
  end

  it "gets back what a process held that was killed" do
    pids = Array.new(2) { holder }
    waiter = Thread.new { semaphore.synchronize { :in } }
    eventually { waiter.stop? }
    kill(pids.first)
    expect(waiter.value).to eq(:in)
    expect(semaphore.available).to eq(1)
    kill(pids.last)
    expect(semaphore.available).to eq(2)
  end

  it "is waited for as long as was said" do
    pids = Array.new(2) { holder }
    expect(semaphore.acquire(timeout: 0.02)).to be(false)
    expect { semaphore.synchronize(timeout: 0.02) { raise "never" } }
      .to raise_error(Minigun::LockTimeout, "SharedSemaphore :api had no permit within 0.02 s")
    pids.each { |pid| kill(pid) }
  end

  it "lets go of those who wait when they are interrupted, and is then free for others" do
    pids = Array.new(2) { holder }
    killed = Thread.new { semaphore.acquire }
    raised = Thread.new { semaphore.synchronize { raise "never" } }
    raised.report_on_exception = false
    eventually { killed.stop? && raised.stop? }
    killed.kill
    raised.raise(IOError)
    expect(killed.value).to be_nil
    expect { raised.value }.to raise_error(IOError)
    expect { Timeout.timeout(0.05) { semaphore.acquire } }.to raise_error(Timeout::Error)
    pids.each { |pid| kill(pid) }
    expect(semaphore.available).to eq(2)
  end

  it "gives a permit back however the block ends, and to threads of the same process" do
    expect { semaphore.synchronize { raise IOError } }.to raise_error(IOError)
    threads = Array.new(2) { Thread.new { semaphore.synchronize { sleep } } }
    eventually { semaphore.available.zero? }
    waiter = Thread.new { semaphore.synchronize { :in } }
    threads.first.kill.join
    expect(waiter.value).to eq(:in)
    threads.last.kill.join
    expect(semaphore.available).to eq(2)
  end

  it "takes back what a thread has ended with" do
    one = described_class.new(1)
    Thread.new { one.acquire }.join
    expect(one.acquire(timeout: 20)).to be(true)
    one.release
  end

  it "loses no wake-up among those who are interrupted" do
    one = described_class.new(1)
    done = Minigun::SharedCounter.new
    pids = Array.new(3) do
      forked do
        200.times do
          Timeout.timeout(0.001) { one.synchronize { Thread.pass } }
          done.increment
        rescue Timeout::Error
          done.increment
        end
      end
    end
    expect(pids.map { |pid| Process.wait2(pid).last }).to all(be_success)
    expect([done.value, one.available]).to eq([600, 1])
  end

  it "names itself, and refuses bad numbers" do
    expect { Marshal.dump(semaphore) }.to raise_error(TypeError, /SharedSemaphore :api cannot be dumped/)
    expect { semaphore.dup }.to raise_error(TypeError, /SharedSemaphore :api cannot be copied/)
    expect(semaphore.inspect).to eq("#<Minigun::SharedSemaphore :api 2 of 2>")
    expect { described_class.new(0) }.to raise_error(ArgumentError, /SharedSemaphore: permits must be an Integer/)
    expect { described_class.new }.to raise_error(ArgumentError, /permits must be an Integer of at least 1, got nil/)
    expect { described_class.new(100_001) }.to raise_error(ArgumentError, /permits must be 1 to 100000, got 100001/)
  end

  it "never lets more in than there are permits, whoever is killed" do
    inside = Minigun::SharedHash.new
    (ENV["LONG"] ? 60 : 6).times do
      pids = Array.new(4) { forked { loop { semaphore.synchronize { inside.add(:rounds) } } } }
      goal = inside[:rounds].to_i + 500
      eventually { inside[:rounds].to_i > goal }
      Process.kill(:KILL, *pids)
      pids.each { |pid| Process.wait(pid) }
      expect(semaphore.available).to eq(2)
    end
  end
end
