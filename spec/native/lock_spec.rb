# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Native::Lock do
  include_context "base set"

  let!(:lock) { described_class.new }

  # Runs the block in a forked process, which is then killed or ends; returns what it wrote.
  def in_child
    reader, writer = IO.pipe
    pid = fork do
      writer.puts(yield.inspect)
    ensure
      exit!(0)
    end
    writer.close
    Process.wait(pid)
    reader.read.chomp
  ensure
    reader.close
  end

  it "locks and unlocks" do
    expect(lock.lock).to eq(:ok)
    expect(in_child { [lock.try_lock, lock.lock(0.02)] }).to eq("[nil, nil]")
    expect(lock.unlock).to be(lock)
    expect(in_child { [lock.try_lock, lock.unlock.class] }).to eq("[:ok, Minigun::Native::Lock]")
  end

  it "belongs to its thread" do
    expect { lock.unlock }.to raise_error(ThreadError)
    lock.lock
    expect { lock.lock }.to raise_error(ThreadError, /recursive/)
    expect(lock.try_lock).to be_nil
    expect(Thread.new { [lock.try_lock, lock.lock(0.02)] }.value).to eq([nil, nil])
    expect(Thread.new { lock.unlock rescue $!.class }.value).to eq(ThreadError) # rubocop:disable Style/RescueModifier
    lock.unlock
  end

  it "says that its owner died, once" do
    expect(in_child { lock.lock }).to eq(":ok")
    expect(lock.lock(5)).to eq(:owner_dead)
    lock.unlock
    expect(lock.lock).to eq(:ok)
    lock.unlock
  end

  it "is released when its owner is killed" do
    reader, writer = IO.pipe
    pid = fork do
      lock.lock
      writer.puts("locked")
      sleep 30
    end
    read_line(reader)
    waiter = Thread.new { [lock.lock(20), lock.unlock.class] }
    eventually { waiter.stop? }
    Process.kill(:KILL, pid)
    Process.wait(pid)
    expect(waiter.value.first).to eq(:owner_dead)
    [reader, writer].each(&:close)
  end

  it "excludes others" do
    counter = Minigun::Native::Counters.new(2)
    pids = Array.new(3) do
      fork do
        Array.new(2) do
          Thread.new do
            200.times do
              lock.synchronize do
                value = counter.get(0)
                Thread.pass
                counter.set(0, value + 1)
              end
            end
          end
        end.each(&:join)
      ensure
        exit!(0)
      end
    end
    pids.each { |pid| Process.wait(pid) }
    expect(counter.get(0)).to eq(1200)
  end

  it "is released when the synchronized block raises" do
    expect { lock.synchronize { raise IOError } }.to raise_error(IOError)
    expect(lock.synchronize { :value }).to eq(:value)
  end

  it "lets interrupts through to those who wait" do
    lock.lock
    thread = Thread.new { lock.lock }
    thread.report_on_exception = false
    eventually { thread.stop? }
    thread.raise(IOError)
    expect { thread.join(5) }.to raise_error(IOError)
    expect(Thread.new { Timeout.timeout(0.05) { lock.lock } rescue $!.class }.value).to eq(Timeout::Error) # rubocop:disable Style/RescueModifier
    lock.unlock
  end

  it "cannot be copied, nor used before it was made" do
    expect { lock.dup }.to raise_error(NoMethodError)
    expect { described_class.allocate.lock }.to raise_error(Minigun::Error, /not initialised/)
  end
end
