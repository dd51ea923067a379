# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe "A thread that waits for a native child and is interrupted" do
  include_context "base set"
  include_context "child slots"

  let(:child) do
    slot(ring: 256, inbox: 256).tap do |child|
      child.spawn do |channel|
        channel.write(1, 0, "ready")
        sleep_long
      end
      child.read
    end
  end

  # The calls that wait.
  waits = {
    "read" => ->(child) { child.read },
    "write" => ->(child) { child.write(1, 0, "x" * 10_000) },
    "join" => ->(child) { child.join },
    "a long read" => ->(child) { child.read(20) }
  }

  waits.each do |name, wait|
    it "#{name} lets Timeout through" do
      expect { Timeout.timeout(0.05) { wait.call(child) } }.to raise_error(Timeout::Error)
      expect(child).to be_alive
    end

    it "#{name} lets Thread#raise through" do
      thread = waiting(wait)
      thread.raise(IOError, "from outside")
      expect { thread.join(5) }.to raise_error(IOError, "from outside")
    end

    it "#{name} lets Thread#kill through" do
      thread = waiting(wait)
      thread.kill
      expect(thread.join(5)).to be(thread)
      expect(child).to be_alive
    end

    it "#{name} lets a signal handler run, and goes on" do
      ran = Queue.new
      previous = trap(:USR2) { ran << true }
      thread = waiting(wait)
      Process.kill(:USR2, Process.pid)
      expect(ran.pop).to be(true)
      expect(thread).to be_alive
    ensure
      trap(:USR2, previous || "DEFAULT")
      thread.kill.join
    end

    it "#{name} is not stranded by an interrupt that was deferred" do
      10.times do
        started = Queue.new
        thread = Thread.new do
          Thread.current.report_on_exception = false
          Thread.handle_interrupt(IOError => :never) do
            started << true
            Thread.pass until Thread.pending_interrupt?
            Thread.handle_interrupt(IOError => :on_blocking) { wait.call(child) }
          end
        end
        started.pop
        thread.raise(IOError, "deferred")
        expect { thread.join(5) }.to raise_error(IOError, "deferred")
      end
    end
  end

  it "a write that was cut short does not spoil the next one" do
    echo = slot(ring: 256, inbox: 256)
    echo.spawn do |channel|
      sleep 0.2
      while (record = channel.read)
        channel.write(1, 0, record[2])
      end
      channel.finish
    end
    expect { Timeout.timeout(0.05) { echo.write(1, 0, [:symbol, "x" * 10_000]) } }.to raise_error(Timeout::Error)
    echo.write(1, 0, %i[symbol other])
    echo.close_inbox
    expect(drain(echo)).to eq([[1, 0, %i[symbol other]]])
  end

  it "children of threads that were killed while they forked are not lost", timeout: 120 do
    random = Random.new(3)
    60.times do |i|
      own = slot
      thread = Thread.new do
        own.spawn { sleep_long }
        own.read
      end
      IO.select(nil, nil, nil, random.rand * 0.01)
      i.even? ? thread.kill : thread.raise(IOError)
      thread.report_on_exception = false
      begin
        thread.join
      rescue IOError
        nil
      end
      own.close
      expect(own.alive?).to be(false)
    end
  end

  it "a slot that is garbage takes its child with it" do
    pid = abandon
    gone = eventually(20, "the child lives") do
      GC.start
      !File.exist?("/proc/#{pid}")
    end
    expect(gone).to be(true)
  end

  def abandon
    Thread.new do
      own = Minigun::Native::Child.new
      own.spawn { sleep_long }
      own.pid
    end.value
  end

  def waiting(wait)
    own = child
    thread = Thread.new { wait.call(own) }
    thread.report_on_exception = false
    eventually { thread.stop? }
    thread
  end
end
