# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Native::Child do
  include_context "base set"
  include_context "child slots"

  describe "#read" do
    it "returns false when the time is up" do
      child = slot(inbox: 256)
      child.spawn { |channel| channel.read }
      expect(child.read(0)).to be(false)
      expect(child.read(0.05)).to be(false)
    end

    it "returns nil for a slot that had no child" do
      expect(slot.read).to be_nil
    end

    it "is for one thread at a time" do
      child = slot(inbox: 256)
      child.spawn { |channel| channel.read }
      reader = Thread.new { child.read }
      eventually { reader.stop? }
      expect { child.read }.to raise_error(Minigun::Error, /going on/)
      child.close_inbox
      expect(reader.value).to be_nil
    end

    it "ends when another thread closes the slot" do
      child = slot(inbox: 256)
      child.spawn { sleep_long }
      reader = Thread.new { child.read }
      reader.report_on_exception = false
      eventually { reader.stop? }
      child.close
      begin
        expect(reader.value).to be_nil
      rescue Minigun::Error => e
        expect(e.message).to include("closed")
      end
    end
  end

  describe "#write" do
    it "returns false when the child is gone" do
      child = slot(inbox: 4096)
      child.spawn { |channel| channel.finish }
      child.join
      expect(child.write(1, 0, "late")).to be(false)
    end

    it "returns false when the child dies while it waits for room" do
      child = slot(inbox: 256)
      child.spawn do |channel|
        channel.write(1, 0, "here")
        sleep_long
      end
      child.read
      killer = Thread.new do
        eventually { Thread.main.stop? }
        child.kill
      end
      expect(child.write(1, 0, "x" * 10_000)).to be(false)
      killer.join
    end

    it "raises without an inbox, and after it was closed" do
      child = slot
      child.spawn { sleep_long }
      expect { child.write(1, 0, nil) }.to raise_error(Minigun::Error, /without an inbox/)
      other = slot(inbox: 256)
      other.spawn { sleep_long }
      2.times { other.close_inbox }
      expect { other.write(1, 0, nil) }.to raise_error(Minigun::Error, /closed inbox/)
    end

    it "refuses kinds and numbers out of range" do
      child = slot(inbox: 256)
      child.spawn { sleep_long }
      [[240, 0], [-1, 0], [1, -1], [1, 2**32], [2**70, 0], ["1", 0]].each do |kind, number|
        expect { child.write(kind, number, nil) }.to raise_error(StandardError)
      end
      expect { child.write(240, 0, nil) }.to raise_error(ArgumentError, "kind must be below 240, got 240")
    end

    it "raises after finish" do
      child = slot
      child.spawn do |channel|
        channel.finish
        channel.write(1, 0, "late")
      rescue Minigun::Error => e
        exit!(e.message.include?("after finish") ? 3 : 4)
      end
      expect(child.read).to be_nil
      expect(child.status[:exit]).to eq(3)
      expect(child).to be_ended
    end

    it "is not entered twice, and keeps its memory when it is tried" do
      child = slot(ring: 256, inbox: 256)
      child.spawn do |channel|
        channel.write(1, 0, "wake")
        nil while channel.read
        channel.finish
      end
      errors = []
      child.write(1, 0, "x" * 5000) do
        child.read(0)
        child.write(1, 1, "nested" * 1000)
      rescue Minigun::Error => e
        errors << e.message
      end
      child.close_inbox
      expect(drain(child).size).to be <= 1
      expect(errors.uniq - ["a write to this slot is going on already"]).to be_empty
    end
  end

  describe "a slot" do
    it "serves many children one after another without growing" do
      child = slot(ring: 4096, inbox: 4096)
      round = lambda do |i|
        child.spawn do |channel|
          channel.write(1, i, :"sym#{channel.read[2]}")
          channel.finish
        end
        child.write(1, i, i)
        expect(drain(child)).to eq([[1, i, :"sym#{i}"]])
      end
      round.call(0)
      before = [fd_count, shared_mappings]
      (1..(ENV["LONG"] ? 200 : 50)).each(&round)
      expect([fd_count, shared_mappings]).to eq(before)
    end

    it "refuses a second child while the first is there" do
      child = slot
      child.spawn { sleep_long }
      expect { child.spawn { sleep_long } }.to raise_error(Minigun::Error, /still there/)
    end

    it "forgets what a dropped child wrote" do
      child = slot
      child.spawn do |channel|
        3.times { |i| channel.write(1, i, "old") }
        sleep_long
      end
      eventually { child.emitted == 3 }
      child.drop
      expect(child.read).to be_nil
      child.spawn do |channel|
        channel.write(1, 9, "new")
        channel.finish
      end
      expect(drain(child)).to eq([[1, 9, "new"]])
    end

    it "can be closed again and again, and only remembers its last child then" do
      child = slot
      child.spawn { sleep_long }
      pid = child.pid
      2.times { child.close }
      expect(child).to be_closed
      expect { child.read }.to raise_error(Minigun::Error, /closed/)
      expect { child.spawn { nil } }.to raise_error(Minigun::Error, /closed/)
      expect([child.pid, child.status[:signal], child.alive?]).to eq([pid, 9, false])
      %i[kill terminate].each { |request| expect(child.public_send(request)).to be_nil }
    end

    it "wants sizes that are powers of two" do
      [-1, 0, 100, 300, 2**62].each do |size|
        expect { described_class.new(ring: size) }.to raise_error(ArgumentError, /power of two/)
      end
    end

    it "says how much memory was refused" do
      expect { described_class.new(ring: 2**40) }.to raise_error(Minigun::RingAllocError, /1099511\d+ bytes/) { |error|
        expect(error.size).to be >= 2**40
      }
    end

    it "cannot be copied or made without initialize" do
      expect { slot.dup }.to raise_error(NoMethodError)
      expect { slot.clone }.to raise_error(NoMethodError)
      expect { described_class.allocate.read }.to raise_error(Minigun::Error, /not initialised/)
      expect { described_class.allocate.close }.to raise_error(Minigun::Error, /not initialised/)
    end

    def shared_mappings
      File.foreach("/proc/self/maps").count { |line| line.include?("rw-s") }
    end
  end

  describe "live numbers" do
    it "say what the child is doing" do
      child = slot(inbox: 256)
      child.spawn do |channel|
        channel.start_item(0)
        channel.write(1, 0, "result")
        channel.finish_item(0, true)
        channel.start_item(1)
        channel.finish_item(1, false)
        channel.start_item(66)
        channel.read
        channel.finish
      end
      eventually { child.started == 3 }
      expect([0, 1, 2, 3, 65].map { |i| child.item_state(i) }).to eq([2, 3, 1, 0, 3])
      expect([child.emitted, child.started, child.finished, child.failed]).to eq([1, 3, 1, 1])
      child.close_inbox
      drain(child)
      child.spawn { |channel| channel.finish }
      expect([child.started, child.item_state(0)]).to eq([0, 0])
    end
  end
end
