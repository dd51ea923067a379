# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Native, ".pid" do
  include_context "child slots"

  it "is the process's own, here, in a child, and in a process that was forked without the library" do
    child = slot.spawn do |channel|
      channel.write(1, 0, [described_class.pid, Process.pid])
      channel.finish
    end
    reader, writer = IO.pipe
    pid = fork do
      writer.write("#{described_class.pid} #{Process.pid}")
      exit!(0)
    end
    writer.close
    Process.wait(pid)

    expect(described_class.pid).to eq(Process.pid)
    expect(drain(child).first.last).to eq([child.pid] * 2)
    expect(reader.read).to eq("#{pid} #{pid}")
  end
end
