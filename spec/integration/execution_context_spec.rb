# frozen_string_literal: true

RSpec.describe "execution contexts (contract 11)" do
  def context_of(type, name = "job") = Minigun::Execution.create_context(type, name)

  # A context whose block waits until the test is over.
  def endless(type)
    @pipe = IO.pipe
    context = context_of(type).execute do
      @pipe.last.write("r")
      sleep
    end
    expect(@pipe.first.wait_readable(10)).to be_truthy
    context
  end

  after { @pipe&.each(&:close) }

  it "are made by type, and refuse any other" do
    classes = %i[inline thread fork ractor].to_h { |type| [type, context_of(type).class.name.split("::").last] }
    expect(classes).to eq(inline: "InlineContext", thread: "ThreadContext", fork: "ForkContext",
                          ractor: "RactorContext")
    expect(%i[inline thread fork ractor].map { |type| context_of(type).type }).to eq(%i[inline thread fork ractor])
    expect(context_of(:fork, :mine).name).to eq(:mine)
    expect { context_of(:fiber) }.to raise_error(ArgumentError, /Unknown context type: :fiber/)
  end

  it "have an abstract parent" do
    context = Minigun::Execution::Context.new("x")
    %i[execute join alive? terminate].each do |name|
      expect { context.public_send(name) }.to raise_error(NotImplementedError)
    end
  end

  %i[inline thread fork ractor].each do |type|
    context(type.to_s) do
      include_context "base set"

      it "gives the block's value: nil and false too" do
        [7, nil, false, "text", [1, { a: nil }], :sym].each do |value|
          context = context_of(type)
          expect(context.execute { value }).to equal(context)
          expect(context.join).to eq(value)
        end
      end

      it "raises the block's exception, class and message kept" do
        context = context_of(type)
        expect { context.execute { raise KeyError, "lost" }.join }.to raise_error(KeyError, "lost")
      end

      it "is harmless when it never ran" do
        context = context_of(type)
        expect([context.join, context.alive?, context.terminate, context.alive?]).to eq([nil, false, nil, false])
      end

      it "is dead after join, and can be joined again" do
        context = context_of(type).execute { 5 }
        expect([context.join, context.alive?, context.join]).to eq([5, false, 5])
      end

      it "can be used again" do
        context = context_of(type)
        expect(Array.new(3) { |i| context.execute { i }.join }).to eq([0, 1, 2])
      end

      it "wants a block" do
        expect { context_of(type).execute }.to raise_error(ArgumentError, /needs a block/)
      end

      it "tells its own error from one that is thrown into its caller" do
        context = context_of(type)
        error = begin
          context.execute { raise IOError, "own" }.join
        rescue IOError => e
          e
        end
        expect([context.failed_with?(error), context.failed_with?(IOError.new("own"))]).to eq([type != :inline, false])
      end

      it "can be terminated after its end" do
        context = context_of(type).execute { 5 }
        context.join
        expect { context.terminate }.not_to raise_error
      end
    end
  end

  %i[thread fork ractor].each do |type|
    it "#{type}: is alive while it runs, and dead after terminate" do
      context = endless(type)
      expect(context.alive?).to be(true)
      context.terminate
      expect(context.alive?).to be(false)
    end

    it "#{type}: refuses a second block while the first is neither joined nor terminated" do
      context = endless(type)
      expect { context.execute { 2 } }.to raise_error(Minigun::Error, /"job" runs a block already/)
      expect(context.alive?).to be(true)
      context.terminate
      expect(context.execute { 3 }.join).to eq(3)
    end

    it "#{type}: terminate raises nothing though the block has, and join still does" do
      context = context_of(type).execute { raise NotImplementedError, "abstract" }
      eventually { !context.alive? }
      expect(context.terminate).to be_nil
      expect { context.join }.to raise_error(NotImplementedError, "abstract")
    end

    it "#{type}: a join that is interrupted can be tried again" do
      context = endless(type)
      expect { Timeout.timeout(0.01) { context.join } }.to raise_error(Timeout::Error)
      expect(context.alive?).to be(true)
      context.terminate
      expect(context.join).to be_nil
    end

    it "#{type}: terminate right after execute, 50 times" do
      50.times do
        context = context_of(type).execute { sleep }
        context.terminate
        expect(context.alive?).to be(false)
      end
      expect(children_of(Process.pid)).to eq([])
    end
  end

  it "inline: raises from execute" do
    expect { context_of(:inline).execute { raise IOError, "at once" } }.to raise_error(IOError, "at once")
  end

  it "thread: carries the context's name" do
    expect(context_of(:thread, "loader").execute { Thread.current.name }.join).to eq("loader")
  end

  describe Minigun::Execution::ForkContext do
    include_context "base set"

    def value_of(&block) = context_of(:fork).execute(&block).join

    it "runs in a child that sees the parent's memory, and changes only its own" do
      list = [1]
      pid, seen = value_of do
        list << 2
        [Process.pid, list]
      end
      expect(pid).not_to eq(Process.pid)
      expect([seen, list]).to eq([[1, 2], [1]])
    end

    it "is called by the context's name" do
      expect(context_of(:fork, "importer").execute do
        File.read("/proc/self/cmdline")
      end.join).to include("minigun:importer")
    end

    [0, 1, 4_095, 65_536, 262_143, 262_144, 1_000_003, 20_000_000].each do |size|
      it "brings #{size} bytes home" do
        expect(value_of { "x" * size }).to eq("x" * size)
      end
    end

    it "brings large structures home" do
      rows = Array.new(50_000) { |i| { id: i, name: "row #{i}", tags: [i, nil] } }
      expect(value_of { rows }).to eq(rows)
    end

    it "does not confuse values with its own words (contract 16, Q32)" do
      expect(value_of { { error: "mine", type: :error } }).to eq(error: "mine", type: :error)
      expect(value_of { IOError.new("a value") }).to be_a(IOError)
    end

    it "keeps message, backtrace and cause of an exception" do
      error = begin
        value_of do
          raise ArgumentError, "inner"
        rescue ArgumentError
          raise IOError, "outer"
        end
      rescue IOError => e
        e
      end
      expect(error.message).to eq("outer")
      expect(error.backtrace.first).to include(__FILE__)
      expect(error.cause).to have_attributes(message: "inner")
    end

    it "tells what an exception was that cannot be rebuilt" do
      expect { value_of { raise Class.new(StandardError) { def self.name = "Hidden" }, "secret" } }
        .to raise_error(Minigun::RemoteError, "secret") { |error| expect(error.class_name).to eq("Hidden") }
    end

    it "raises what is not a StandardError too" do
      expect { value_of { raise NotImplementedError, "abstract" } }.to raise_error(NotImplementedError, "abstract")
    end

    it "raises for a value that cannot travel" do
      expect { value_of { -> {} } }.to raise_error(Minigun::SerializationError, /Proc/)
    end

    it "is nil when the block exits, whatever the status" do
      expect([value_of { exit(0) }, value_of { exit(3) }, value_of { exit!(0) }]).to eq([nil, nil, nil])
    end

    it "is nil after terminate" do
      context = endless(:fork)
      context.terminate
      expect(context.join).to be_nil
    end

    it "says who was killed by whom when the child is killed" do
      expect { value_of { Process.kill(:KILL, Process.pid) && sleep } }
        .to raise_error(Minigun::WorkerDied) { |error| expect(error.signal).to eq(9) }
    end

    it "leaves $? and backticks alone (contract 10.4)" do
      context = endless(:fork)
      output = `echo hello; exit 3`
      expect([output, $?.exitstatus]).to eq(["hello\n", 3])
      context.terminate
      expect($?.exitstatus).to eq(3)
    end

    it "flushes $stdout, and runs neither at_exit blocks nor finalizers of the parent (contract 10.4, 16)" do
      result = run_script(<<~RUBY)
        require "minigun"
        require "tempfile"
        at_exit { puts "at exit in \#{Process.pid == $parent ? "parent" : "child"}" }
        $parent = Process.pid
        file = Tempfile.new("kept")
        print "buffered "
        context = Minigun::Execution.create_context(:fork, "x").execute { puts "child" }
        context.join
        puts File.exist?(file.path)
      RUBY
      expect(result).to be_success, result.stderr
      expect(result.stdout).to eq("buffered child\ntrue\nat exit in parent\n")
    end

    it "works many at a time" do
      contexts = Array.new(20) { |i| context_of(:fork).execute { i * i } }
      expect(contexts.map(&:join)).to eq((0..19).map { |i| i * i })
    end
  end

  it "can be loaded by path, without the rest (contract 1)" do
    path = File.join(Processes::ROOT, "lib/minigun/execution/context")
    result = run_script(<<~RUBY)
      require_relative #{path.inspect}
      p Minigun::Execution.create_context(:fork, "x").execute { 7 }.join
      require "minigun"
      p Minigun::Execution.create_context(:thread, "x").execute { 8 }.join
    RUBY
    expect(result.stdout).to eq("7\n8\n"), result.stderr
  end
end
