# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Native::Child do
  include_context "base set"
  include_context "child slots"

  describe "records" do
    it "go from the child to the parent in order" do
      child = slot
      child.spawn do |channel|
        100.times { |i| channel.write(i % 240, i, "record #{i}") }
        channel.finish
      end
      expect(drain(child)).to eq(Array.new(100) { |i| [i % 240, i, "record #{i}"] })
      expect(child).to be_ended
      expect(child.status.except(:peak_rss)).to eq(exit: 0, signal: nil, unknown: false, cause: nil)
    end

    it "go to the child and back" do
      child = slot(inbox: 4096)
      child.spawn do |channel|
        while (record = channel.read)
          channel.write(record[0], record[1], record[2].reverse)
        end
        channel.finish
      end
      expect(child.write(3, (2**32) - 1, %w[a b])).to be(true)
      expect(child.read).to eq([3, (2**32) - 1, %w[b a]])
      child.close_inbox
      expect(child.read).to be_nil
    end

    it "keep what a value is" do
      values = [nil, true, false, 0, -1, 2**80, 1.5, "é", "\xFF".b, :symbol, [1, [2]], { a: { "b" => nil } }, 1..3]
      child = slot
      child.spawn do |channel|
        values.each { |value| channel.write(1, 0, value) }
        channel.finish
      end
      expect(drain(child).map(&:last)).to eq(values)
    end

    it "are read while the child goes on" do
      child = slot(inbox: 4096)
      child.spawn do |channel|
        channel.write(1, 0, "first")
        channel.write(1, 1, channel.read[2])
        channel.finish
      end
      expect(child.read).to eq([1, 0, "first"])
      child.write(1, 0, "go on")
      expect(child.read).to eq([1, 1, "go on"])
    end

    it "may be larger than the ring" do
      large = Random.new(1).bytes(100_000)
      child = slot(ring: 256, inbox: 256)
      child.spawn do |channel|
        channel.write(1, 0, channel.read[2])
        channel.finish
      end
      child.write(1, 0, large)
      expect(child.read).to eq([1, 0, large])
    end

    it "may have 200 MB", timeout: 120 do
      child = slot
      text = "0123456789" * 20_000_000
      child.spawn do |channel|
        channel.write(1, 0, text)
        channel.finish
      end
      expect(child.read[2] == text).to be(true)
      expect(child.read).to be_nil
    end

    it "may be a million", timeout: 120 do
      child = slot(ring: 65_536)
      child.spawn do |channel|
        1_000_000.times { |i| channel.write(1, 0, i) }
        channel.finish
      end
      expected = 0
      while (record = child.read)
        raise "#{record.inspect} instead of #{expected}" unless record[2] == expected

        expected += 1
      end
      expect(expected).to eq(1_000_000)
      expect(child.emitted).to eq(1_000_000)
    end

    it "wait in the child until the parent reads" do
      child = slot(ring: 256)
      child.spawn do |channel|
        50.times { |i| channel.write(1, i, "x" * 40) }
        channel.finish
      end
      eventually(5) { child.emitted.positive? }
      expect(child.join(0.2)).to be(false)
      expect(child.emitted).to be < 10
      expect(drain(child).size).to eq(50)
    end

    it "do not block both sides when both rings are full" do
      child = slot(ring: 256, inbox: 256)
      child.spawn do |channel|
        while (record = channel.read)
          5.times { |i| channel.write(1, (record[1] * 5) + i, "x" * 30) }
        end
        channel.finish
      end
      numbers = []
      200.times do |i|
        child.write(1, i, "y" * 100) { numbers << child.read(0)[1] }
      end
      child.close_inbox
      numbers.concat(drain(child).map { |record| record[1] })
      expect(numbers).to eq((0...1000).to_a)
    end

    it "that cannot be dumped cost nothing but themselves" do
      child = slot
      child.spawn do |channel|
        channel.write(1, 0, [:before, proc {}])
      rescue Minigun::SerializationError => e
        channel.write(1, 1, [:after, e.class.name])
        channel.finish
      end
      expect(drain(child)).to eq([[1, 1, [:after, "Minigun::SerializationError"]]])
    end

    it "that cannot be loaded cost nothing but themselves" do
      child = slot
      child.spawn do |channel|
        stub_const("OnlyInTheChild", Struct.new(:value))
        channel.write(1, 0, { known: OnlyInTheChild.new(1), later: 1 })
        channel.write(1, 1, { known: 1, later: 2 })
        channel.finish
      end
      expect { child.read }.to raise_error(Minigun::SerializationError)
      expect(drain(child)).to eq([[1, 1, { known: 1, later: 2 }]])
    end
  end
end
