# frozen_string_literal: true

RSpec.describe Minigun::SharedMutex do
  include_context "base set"

  let!(:mutex) { described_class.new(name: :file) }

  # A process that holds the mutex until it is killed.
  def holder
    reader, writer = IO.pipe
    pid = forked do
      mutex.lock
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

  it "is held by one thread at a time" do
    expect(mutex.synchronize { [mutex.owned?, Thread.new { mutex.try_lock }.value] }).to eq([true, false])
    expect([mutex.lock, mutex.owned?, mutex.try_lock]).to eq([true, true, false])
    in_child { raise "held twice" if mutex.try_lock || mutex.lock(timeout: 0.02) }
    expect(mutex.unlock).to be(mutex)
    in_child { mutex.synchronize { nil } }
    expect(mutex.owned?).to be(false)
  end

  it "refuses what would never end, and what is not this thread's" do
    expect { mutex.unlock }.to raise_error(ThreadError)
    expect { mutex.synchronize { mutex.lock } }.to raise_error(ThreadError, /recursive/)
    mutex.lock
    expect { Thread.new { mutex.unlock }.tap { |t| t.report_on_exception = false }.value }.to raise_error(ThreadError)
    mutex.unlock
  end

  it "goes to the next one when its holder is killed, who is told" do
    pid = holder
    waiter = Thread.new { mutex.synchronize { mutex.abandoned? } }
    eventually { waiter.stop? }
    kill(pid)
    expect(waiter.value).to be(true)
    expect(mutex.synchronize { mutex.abandoned? }).to be(false)
    kill(holder)
    expect([mutex.lock, mutex.abandoned?, mutex.unlock.abandoned?]).to eq([true, true, false])
  end

  it "is waited for as long as was said" do
    pid = holder
    expect(mutex.lock(timeout: 0.02)).to be(false)
    expect { mutex.synchronize(timeout: 0.02) { raise "never" } }
      .to raise_error(an_instance_of(Minigun::LockTimeout)
      .and(have_attributes(message: "SharedMutex :file was not to be had within 0.02 s", seconds: 0.02)))
    expect { mutex.lock(timeout: -1) }.to raise_error(ArgumentError, /duration/)
    kill(pid)
    expect(mutex.synchronize(timeout: 20) { :value }).to eq(:value)
  end

  it "lets go of those who wait when they are interrupted, and is then free for others" do
    pid = holder
    killed = Thread.new { mutex.lock }
    raised = Thread.new { mutex.synchronize { raise "never" } }
    raised.report_on_exception = false
    eventually { killed.stop? && raised.stop? }
    killed.kill
    raised.raise(IOError)
    expect(killed.value).to be_nil
    expect { raised.value }.to raise_error(IOError)
    expect { Timeout.timeout(0.05) { mutex.lock } }.to raise_error(Timeout::Error)
    kill(pid)
    expect(mutex.lock(timeout: 20)).to be(true)
    mutex.unlock
  end

  it "is released however the block ends" do
    expect { mutex.synchronize { raise IOError } }.to raise_error(IOError)
    expect(catch(:out) { mutex.synchronize { throw(:out, 5) } }).to eq(5)
    thread = Thread.new { mutex.synchronize { sleep } }
    eventually { thread.stop? && !mutex.try_lock.tap { |locked| mutex.unlock if locked } }
    thread.kill.join
    expect(mutex.lock(timeout: 20)).to be(true)
    mutex.unlock
  end

  it "is not held by a process that was forked while it was" do
    mutex.synchronize { in_child { raise "held" if mutex.owned? || mutex.try_lock } }
    pid = mutex.synchronize { fork }
    exit!(mutex.owned? ? 1 : 0) unless pid
    expect(Process.wait2(pid).last).to be_success
    expect(mutex.lock(timeout: 20)).to be(true)
    mutex.unlock
  end

  it "goes on when a thread has ended with it" do
    Thread.new { mutex.lock }.join
    expect(mutex.lock(timeout: 20)).to be(true)
    mutex.unlock
  end

  it "may be forgotten while it is held" do
    10.times { Thread.new { described_class.new.lock }.join }
    GC.start
    expect(Thread.new { described_class.new.synchronize { :fine } }.value).to eq(:fine)
  end

  it "names itself" do
    expect { Marshal.dump(mutex) }.to raise_error(TypeError, /SharedMutex :file cannot be dumped/)
    expect { mutex.dup }.to raise_error(TypeError, /SharedMutex :file cannot be copied/)
    expect(mutex.inspect).to eq("#<Minigun::SharedMutex :file not owned>")
  end

  # Two numbers that are equal outside of the mutex; whoever dies in between leaves it to the next to
  # make them so.
  it "guards what it is to guard, whoever is killed" do
    numbers = Minigun::Native::Counters.new(3)
    change = lambda do
      mutex.synchronize do
        numbers.set(1, numbers.get(0)) if mutex.abandoned?
        numbers.add(2, 1) if numbers.get(0) != numbers.get(1)
        numbers.add(0, 1)
        numbers.add(1, 1)
      end
    end
    (ENV["LONG"] ? 100 : 10).times do
      before = numbers.get(0)
      pids = Array.new(3) { forked { loop(&change) } }
      eventually { numbers.get(0) > before + 500 }
      Process.kill(:KILL, *pids)
      pids.each { |pid| Process.wait(pid) }
    end
    change.call
    expect([numbers.get(2), numbers.get(0) - numbers.get(1)]).to eq([0, 0])
  end
end
