# frozen_string_literal: true

require "minigun"
require_relative "../../lib/minigun/execution/context"
require_relative "compatibility_helper"

RSpec.describe Minigun, "execution contexts" do
  describe Minigun::Execution do
    describe ".create_context" do
      it "makes contexts of four types (contract 11)" do
        classes = %i[inline thread fork ractor].map { |type| described_class.create_context(type, "one").class }
        expect(classes).to eq([described_class::InlineContext, described_class::ThreadContext,
                               described_class::ForkContext, described_class::RactorContext])
      end

      it "knows no others (contract 11)" do
        expect { described_class.create_context(:fibre, "one") }.to raise_error(ArgumentError, /Unknown context type/)
      end
    end
  end

  describe Minigun::Execution::Context do
    let(:context) { described_class.new("bare") }

    it "has a name (contract 11)" do
      expect(context.name).to eq("bare")
    end

    %i[join alive? terminate].each do |name|
      it "leaves #{name} to others (contract 11)" do
        expect { context.public_send(name) }.to raise_error(NotImplementedError)
      end
    end

    it "leaves execute to others (contract 11)" do
      expect { context.execute { 1 } }.to raise_error(NotImplementedError)
    end
  end

  describe Minigun::Execution::InlineContext do
    let(:context) { described_class.new("here") }

    it "has a name and a type (contract 11)" do
      expect([context.name, context.type]).to eq(["here", :inline])
    end

    it "runs at once, in the thread of the caller (contract 11)" do
      thread = nil
      context.execute { thread = Thread.current }
      expect(thread).to be(Thread.current)
    end

    it "returns itself, and the value from join (contract 11)" do
      expect(context.execute { 6 * 7 }).to be(context)
      expect(context.join).to eq(42)
    end

    it "raises from execute (contract 11)" do
      expect { context.execute { raise ArgumentError, "no" } }.to raise_error(ArgumentError, "no")
    end

    it "is never alive (contract 11)" do
      context.execute { 1 }
      expect(context.alive?).to be false
    end

    it "has nothing to terminate (contract 11)" do
      expect { context.terminate }.not_to raise_error
    end
  end

  describe Minigun::Execution::ThreadContext do
    let(:context) { described_class.new("aside") }

    after { context.terminate }

    it "has a name and a type (contract 11)" do
      expect([context.name, context.type]).to eq(["aside", :thread])
    end

    it "runs in another thread (contract 11)" do
      context.execute { Thread.current }
      expect(context.join).not_to be(Thread.current)
    end

    it "returns itself, and the value from join (contract 11)" do
      expect(context.execute { 6 * 7 }).to be(context)
      expect(context.join).to eq(42)
    end

    it "raises from join what the block raised (contract 11)" do
      context.execute { raise ArgumentError, "thread says no" }
      expect { context.join }.to raise_error(ArgumentError, "thread says no")
    end

    it "shares variables with the caller (contract 11)" do
      list = []
      context.execute { list << 1 }.join
      expect(list).to eq([1])
    end

    it "is alive while it runs (contract 11)" do
      gate = Queue.new
      context.execute { gate.pop }
      expect(context.alive?).to be true
      gate << :go
      context.join
      expect(context.alive?).to be false
    end

    it "is not alive before it runs (contract 11)" do
      expect(context.alive?).to be false
    end

    it "is ended by terminate (contract 11)" do
      context.execute { sleep 100 }
      context.terminate
      expect(context.alive?).to be false
    end

    it "terminates what never ran (contract 11)" do
      expect { context.terminate }.not_to raise_error
    end
  end

  describe Minigun::Execution::ForkContext do
    let(:context) { described_class.new("apart") }

    after { context.terminate }

    it "has a name and a type (contract 11)" do
      expect([context.name, context.type]).to eq(["apart", :fork])
    end

    it "runs in another process and returns the value (contract 11)" do
      expect(context.execute { [Process.pid, Process.ppid] }).to be(context)
      pid, ppid = context.join
      expect(pid).not_to eq(Process.pid)
      expect(ppid).to eq(Process.pid)
    end

    it "returns what Marshal can carry (contract 11)" do
      value = { list: [1, 2.5, nil, :sym], text: "t", range: (1..3), error: "only a key" }
      context.execute { value }
      expect(context.join).to eq(value)
    end

    it "returns a value larger than a pipe holds (contract 11)" do
      context.execute { "x" * 300_000 }
      expect(context.join.size).to eq(300_000)
    end

    it "raises from join what the block raised (contract 11)" do
      context.execute { raise ArgumentError, "child says no" }
      expect { context.join }.to raise_error(ArgumentError, "child says no")
    end

    it "leaves the variables of the caller alone (contract 11)" do
      list = []
      context.execute { list << 1 }.join
      expect(list).to eq([])
    end

    it "returns nil when the block exits (contract 11)" do
      context.execute { exit 0 }
      expect(context.join).to be_nil
    end

    it "returns nil when it never ran (contract 11)" do
      expect(context.join).to be_nil
    end

    it "is alive while it runs (contract 11)" do
      reader, writer = IO.pipe
      context.execute { reader.read(1) }
      expect(context.alive?).to be true
      writer << "x"
      expect(context.join).to eq("x")
      expect(context.alive?).to be false
    ensure
      [reader, writer].each(&:close)
    end

    it "is no longer alive when the child is gone (contract 11)" do
      context.execute { 1 }
      eventually(2) { !context.alive? }
      expect(context.join).to eq(1)
    end

    it "survives terminate right after execute (contract 11)" do
      context.execute { sleep 100 }
      expect { context.terminate }.not_to raise_error
      expect(context.alive?).to be false
    end

    it "terminates what never ran (contract 11)" do
      expect { context.terminate }.not_to raise_error
      expect(context.alive?).to be false
    end

    it "leaves $? to others (contract 10.4)" do
      `true`
      before = $?.pid
      context.execute { exit 3 }.join
      expect($?.pid).to eq(before)
    end
  end

  describe Minigun::Execution::RactorContext do
    let(:context) { described_class.new("alone") }

    it "has a name and a type (contract 11)" do
      expect([context.name, context.type]).to eq(["alone", :ractor])
    end

    it "returns the value from join (contract 11, 21.6)" do
      expect(context.execute { 6 * 7 }).to be(context)
      expect(context.join).to eq(42)
    end

    it "raises from join what the block raised (contract 11, 21.6)" do
      context.execute { raise ArgumentError, "ractor says no" }
      expect { context.join }.to(raise_error { |error| expect(root_cause(error)).to be_a(ArgumentError) })
    end

    it "terminates what never ran (contract 11)" do
      expect { context.terminate }.not_to raise_error
    end

    # A Ractor may wrap what its block raised.
    def root_cause(error)
      error.cause ? root_cause(error.cause) : error
    end
  end
end
