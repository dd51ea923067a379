# frozen_string_literal: true

require "fiddle"
require_relative "../spec_helper"

RSpec.describe "A native child that is ended" do
  include_context "base set"
  include_context "child slots"

  describe "when it is told to" do
    it "ends by TERM" do
      child = slot
      child.spawn { sleep_long }
      child.terminate
      expect(child.join(10)).to be(true)
      expect(child.status.except(:peak_rss)).to eq(status(signal: 15, cause: :terminated))
    end

    it "ends by TERM at once after the fork, in its first instructions, too" do
      child = slot
      25.times do
        child.spawn { sleep_long }
        child.terminate
        expect(child.join(10)).to be(true)
        expect(child.status.except(:peak_rss)).to eq(status(signal: 15, cause: :terminated))
      end
    end

    it "gets one TERM, not a second one with its group" do
      child = slot
      child.spawn do |channel|
        terms = 0
        continued = false
        trap(:TERM) { terms += 1 }
        trap(:CONT) { continued = true } # sent after TERM, for the case that the child is stopped
        channel.write(1, 0, "armed")
        sleep 0.001 until continued
        channel.write(1, 0, terms)
      end
      child.read
      child.terminate(grace: 60)
      expect(drain(child).map(&:last)).to eq([1])
    end

    it "ends by TERM although another one comes while it looks at the first" do
      child = slot
      child.spawn do
        error = SignalException.new("TERM")
        error.singleton_class.prepend(Module.new do
          def signo
            return super if @asked

            @asked = true
            Process.kill(:TERM, Process.pid)
          end
        end)
        raise error
      end
      expect(child.join(10)).to be(true)
      expect(child.status.except(:peak_rss)).to eq(status(signal: 15))
    end

    it "is killed after the grace time when it ignores TERM" do
      child = slot
      child.spawn do |channel|
        trap(:TERM) { nil }
        channel.write(1, 0, "armed")
        loop { sleep 1 }
      end
      child.read
      child.terminate(grace: 0.1)
      expect(child.join(10)).to be(true)
      expect(child.status.except(:peak_rss)).to eq(status(signal: 9, cause: :terminated))
    end

    it "ends although it is stopped" do
      child = slot
      child.spawn { sleep_long }
      stop(child)
      child.terminate(grace: 60)
      expect(child.join(10)).to be(true)
      expect(child.status.except(:peak_rss)).to eq(status(signal: 15, cause: :terminated))
      child.spawn { sleep_long }
      stop(child)
      child.kill
      expect(child.join(10)).to be(true)
      expect(child.status.except(:peak_rss)).to eq(status(signal: 9, cause: :terminated))
    end

    it "ends although it is blocked in a C function" do
      child = slot
      child.spawn do |channel|
        trap(:TERM) { nil } # it may come before the child is where it blocks
        lock = Fiddle::Function.new(Fiddle.dlopen(nil)["pthread_mutex_lock"], [Fiddle::TYPE_VOIDP], Fiddle::TYPE_INT)
        mutex = "\0" * 128
        channel.write(1, 0, lock.call(mutex))
        lock.call(mutex)
      end
      expect(child.read).to eq([1, 0, 0])
      child.terminate(grace: 0.1)
      expect(child.join(10)).to be(true)
      expect(child.status[:signal]).to eq(9)
    end

    it "takes the processes it has started with it" do
      child = slot
      child.spawn do |channel|
        nested = spawn("sleep", "30")
        channel.write(1, 0, nested)
        sleep_long
      end
      nested = child.read[2]
      child.kill
      child.join
      expect(eventually(5, "the nested process lives") { !process_running?(nested) }).to be(true)
    end

    it "leaves the group of this process alone when it has none of its own" do
      child = slot
      child.spawn(group: false) do |channel|
        channel.write(1, 0, Process.getpgrp)
        sleep_long
      end
      expect(child.read[2]).to eq(Process.getpgrp)
      child.kill
      expect(child.join(10)).to be(true)
    end

    it "and is gone already, nothing happens" do
      child = slot
      child.spawn { |channel| channel.finish }
      child.join
      3.times { child.terminate && child.kill }
      child.deadline = 0
      expect(child.status.except(:peak_rss)).to eq(status(exit: 0))
    end
  end

  describe "at its deadline" do
    it "ends" do
      child = slot
      child.spawn { sleep_long }
      child.deadline = 0.05
      expect(child.read).to be_nil
      expect(child.status.except(:peak_rss)).to eq(status(signal: 15, cause: :deadline))
    end

    it "is killed after the grace time it was given, and tells the cause at once (reliability P9)" do
      child = slot
      child.spawn do |channel|
        trap(:TERM) { channel.write(1, 0, "told") }
        channel.write(1, 0, "armed")
        loop { sleep 1 }
      end
      child.read
      expect(child.cause).to be_nil
      child.grace = 0.1
      child.deadline = 0.01
      expect(child.read).to eq([1, 0, "told"])
      expect(child.cause).to eq(:deadline)
      expect(child.join(4)).to be(true)
      expect(child.status.except(:peak_rss)).to eq(status(signal: 9, cause: :deadline))
      child.close
      expect(child.cause).to eq(:deadline)
    end

    it "has the time of an item counted from its start (reliability P8)" do
      child = slot(inbox: 256)
      child.spawn do |channel|
        channel.read
        channel.start_item(1)
        channel.write(1, 0, "started")
        loop { sleep 1 }
      end
      child.time_item(1, 0.02, 60)
      # Far more than the item's own time: it does not run yet.
      expect(child.join(0.3)).to be(false)
      child.write(1, 0, "go")
      expect(child.read).to eq([1, 0, "started"])
      expect(child.join(10)).to be(true)
      expect(child.status.except(:peak_rss)).to eq(status(signal: 15, cause: :deadline))
    end

    it "does not wait for the start of an item for ever (reliability P9)" do
      child = slot
      child.spawn { sleep_long }
      child.time_item(1, 0.01, 0.05)
      expect(child.join(10)).to be(true)
      expect(child.cause).to eq(:deadline)
    end

    it "goes on when another deadline, or none, has replaced that of an item (reliability P8)" do
      [nil, 60].each do |deadline|
        child = slot(inbox: 256)
        child.spawn do |channel|
          channel.start_item(1)
          channel.write(1, 0, "started")
          channel.read
        end
        child.time_item(1, 30, 30)
        child.read
        child.deadline = deadline
        expect(child.join(0.1)).to be(false)
        child.close_inbox
        expect(child.join(10)).to be(true)
        expect(child.cause).to be_nil
      end
    end

    it "goes on when the deadline was taken away in time" do
      child = slot(inbox: 256)
      child.spawn { |channel| channel.read && channel.finish }
      child.deadline = 30
      child.deadline = nil
      child.deadline = 60
      child.write(1, 0, nil)
      drain(child)
      expect(child.status.except(:peak_rss)).to eq(status(exit: 0))
    end
  end

  def stop(child)
    eventually { child.ready? }
    Process.kill(:STOP, child.pid)
    eventually { state(child) == "T" }
  end
end
