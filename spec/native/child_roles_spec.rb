# frozen_string_literal: true

require "json"
require_relative "../spec_helper"

RSpec.describe Minigun::Native::Child do
  include_context "base set"
  include_context "child slots"

  describe "roles" do
    it "are told apart" do
      child = slot
      expect(child.child?).to be(false)
      child.spawn do |channel|
        channel.write(1, 0, [channel.child?, channel.pid == Process.pid, channel.alive?])
        %i[join status drop].each do |parents|
          channel.public_send(parents)
        rescue Minigun::Error => e
          channel.write(1, 1, e.message)
        end
        channel.finish
      end
      expect(child.read).to eq([1, 0, [true, true, true]])
      expect(drain(child).map(&:last)).to all(include("is for the parent"))
      expect { child.finish }.to raise_error(Minigun::Error, /for the spawned process/)
      expect { child.start_item(1) }.to raise_error(Minigun::Error, /for the spawned process/)
    end

    it "are none in a child's own child, and in other children" do
      bystander = slot
      child = slot
      child.spawn do |channel|
        reader, writer = IO.pipe
        nested = fork do
          errors = [channel, bystander].map do |other|
            other.write(1, 0, "stranger")
          rescue Minigun::Error => e
            e.message
          end
          writer.write(JSON.generate([errors, channel.child?, bystander.alive?, channel.close]))
          exit!(0)
        end
        writer.close
        Process.wait(nested)
        channel.write(1, 0, JSON.parse(reader.read))
        channel.write(1, 1, bystander.close)
        channel.finish
      end
      errors, *rest = child.read[2]
      expect(errors).to all(include("belongs to process"))
      expect(rest).to eq([false, false, nil])
      expect(drain(child)).to eq([[1, 1, nil]])
    end

    it "let a child have children of its own" do
      child = slot
      child.spawn do |channel|
        inner = described_class.new(inbox: 256)
        inner.spawn do |grandchild|
          grandchild.write(1, 0, grandchild.read[2] * 2)
          grandchild.finish
        end
        inner.write(1, 0, 21)
        channel.write(1, 0, inner.read[2])
        inner.close
        channel.finish
      end
      expect(drain(child)).to eq([[1, 0, 42]])
    end
  end
end
