# frozen_string_literal: true

RSpec.describe Minigun::Execution::RactorLink, unless: Minigun::Execution::Isolation.unavailable do
  include_context "base set"

  # What a link asks its node for.
  let(:node) { node_with(proc { |n| emit n * 2 }) }
  let(:link) { described_class.new(node) }

  def node_with(block)
    stage = Minigun::AtomicStage.new(name: :work, block: block)
    work = Minigun::Execution::Work.new(stage, Object.new, {})
    Struct.new(:name, :stage, :work, :routed) do
      def route(item) = routed << item
    end.new(:work, stage, work, [])
  end

  it "has items worked on, one after another, and routes what comes back" do
    link.open
    outcomes = [1, 2].map { |n| link.call(Marshal.dump(n)).first }
    link.close
    expect([outcomes, node.routed, link.open?, Ractor.count]).to eq([%i[done done], [2, 4], false, 1])
  end

  it "can be ended at any moment of its start, and leaves no descriptor open" do
    descriptors = fd_count
    left = Array.new(100) do |time|
      link.open
      time.even? ? link.abort : link.close
      Ractor.count - 1
    end
    expect([fd_count, left.sum]).to eq([descriptors, 0])
  end

  it "says that there is no outcome when it was stopped, and can be opened again" do
    link = described_class.new(node_with(proc { |n| n.zero? ? sleep : n }))
    link.open
    expect(link.stop).to be(true)
    expect(link.call(Marshal.dump(0))).to be_nil
    expect([link.open?, link.stop]).to eq([false, false])
    link.open
    expect(link.call(Marshal.dump(3)).first).to eq(:done)
    link.close
  end

  it "gives everything back when no Ractor can be had" do
    descriptors = fd_count
    allow(Ractor).to receive(:new).and_raise(ThreadError, "can't create Thread")
    expect { link.open }.to raise_error(ThreadError)
    expect([fd_count, link.open?]).to eq([descriptors, false])
  end
end
