# frozen_string_literal: true

RSpec.describe Minigun::Execution::RactorContext, unless: Minigun::Execution::Isolation.unavailable do
  include_context "base set"

  def context = Minigun::Execution.create_context(:ractor, "job")

  def warnings = log_output.lines.grep(/RactorContext/)

  before { Minigun::Suggestion.instance_variable_get(:@warned).delete(:ractor_context) }

  after do
    Minigun::Suggestion.instance_variable_get(:@warned).delete(:ractor_context)
    eventually(5, "Ractors are left") { Ractor.count == 1 }
    @pipe&.each(&:close)
  end

  # A running context whose block never ends; the pipe's number is a shareable constant.
  def endless(&block)
    @pipe = IO.pipe
    stub_const("BEGUN", @pipe.last.fileno)
    running = context.execute(&block)
    expect(@pipe.first.wait_readable(20)).to be_truthy
    running
  end

  it "runs its block in a real Ractor, and gives its value (contract 21.6)" do
    expect(context.execute { [Ractor.current == Ractor.main, 6 * 7] }.join).to eq([false, 42])
    expect(warnings).to be_empty
  end

  it "counts as a Ractor while it runs, and no longer after join (contract 21.6)" do
    running = endless do
      IO.for_fd(BEGUN, autoclose: false).syswrite(".")
      sleep
    end
    expect(Ractor.count).to eq(2)
    running.terminate
    expect(Ractor.count).to eq(1)
  end

  it "is gone for everyone when join is over, every time (contract 21.6)" do
    counts = Array.new(200) do
      context.execute { 1 }.join
      Ractor.count
    end
    expect(counts.tally).to eq(1 => 200)
  end

  it "raises the block's own exception, again and again (contract 11, 21.6)" do
    failed = context.execute { raise KeyError, "lost in #{Ractor.current == Ractor.main}" }
    errors = Array.new(2) do
      failed.join
    rescue KeyError => e
      e
    end
    expect(errors.map(&:message)).to eq(["lost in false"] * 2)
    expect(errors.map(&:class)).to eq([KeyError] * 2)
    expect(errors.first.backtrace.first).to include(__FILE__)
    expect([failed.alive?, errors.first.cause]).to eq([false, nil])
  end

  it "raises what is no StandardError, and exceptions of a class without a name (contract 11)" do
    expect { context.execute { raise NotImplementedError, "not here" }.join }
      .to raise_error(NotImplementedError, "not here")
    expect { context.execute { raise Class.new(IOError), "odd" }.join }.to raise_error(IOError, "odd")
  end

  it "says as its exception what a Ractor may not do and nobody could foresee (contract 11)" do
    expect { context.execute { Minigun.logger }.join }.to raise_error(Ractor::IsolationError)
  end

  it "gives values that could not be copied (contract 21.6)" do
    expect(context.execute { -> { 5 } }.join.call).to eq(5)
    expect(context.execute { "text" }.join).to eq("text")
    expect(context.execute { nil }.join).to be_nil
  end

  {
    "sleeps" => proc do
      IO.for_fd(BEGUN, autoclose: false).syswrite(".")
      sleep
    end,
    "calculates" => proc do
      IO.for_fd(BEGUN, autoclose: false).syswrite(".")
      loop { Math.sqrt(2) }
    end,
    "rescues everything" => proc do
      IO.for_fd(BEGUN, autoclose: false).syswrite(".")
      begin
        sleep
      rescue Exception # rubocop:disable Lint/RescueException -- that is what is tried
        loop { Math.sqrt(2) }
      end
    end
  }.each do |what, block|
    it "ends a block that #{what} (contract 11)" do
      running = endless(&block)
      expect(running.alive?).to be(true)
      expect(running.terminate).to be_nil
      expect([running.alive?, running.join, Ractor.count]).to eq([false, nil, 1])
      expect(warnings).to be_empty
    end
  end

  it "can be ended at any moment of its start (contract 11)" do
    50.times do
      running = context.execute { sleep }
      running.terminate
      expect([running.alive?, running.join]).to eq([false, nil])
    end
  end

  it "can be ended by one thread while another waits for it" do
    running = endless do
      IO.for_fd(BEGUN, autoclose: false).syswrite(".")
      sleep
    end
    waiter = Thread.new { running.join }
    eventually { waiter.stop? }
    running.terminate
    expect(waiter.value).to be_nil
  end

  it "can be waited for again after a wait that was interrupted (contract 10.8)" do
    running = endless do
      IO.for_fd(BEGUN, autoclose: false).syswrite(".")
      sleep
    end
    waiter = Thread.new { running.join }
    waiter.report_on_exception = false
    eventually { waiter.stop? }
    waiter.raise(Timeout::Error, "enough")
    expect { waiter.join }.to raise_error(Timeout::Error, "enough")
    expect(running.alive?).to be(true)
    running.terminate
  end

  it "is harmless when it never ran (contract 11)" do
    fresh = context
    expect([fresh.join, fresh.alive?, fresh.terminate, fresh.alive?]).to eq([nil, false, nil, false])
  end

  it "runs the block in a thread when it cannot be isolated, and says why, once (contract 21.6)" do
    outside = 20
    2.times { expect(context.execute { [Ractor.current == Ractor.main, outside + 1] }.join).to eq([true, 21]) }
    expect(warnings.size).to eq(1)
    expect(warnings.first).to include("in a thread, not in a Ractor", "uses variables from outside (outside)")
  end

  it "runs the block in a thread when the system has no room for a Ractor (contract 21.6)" do
    allow(Ractor).to receive(:new).and_raise(ThreadError, "can't create Thread")
    expect(context.execute { 3 }.join).to eq(3)
    expect(warnings.first).to include("can't create Thread")
  end

  it "lets others fork as soon as join or terminate is over (contract 21.6)" do
    20.times do |index|
      running = context.execute { index.zero? ? 1 : 2 } # in a thread: it uses `index`
      running.join
      ended = context.execute { sleep }
      ended.terminate
      expect(context.execute { 3 }.join).to eq(3)
      expect(Minigun::Execution.create_context(:fork, "x").execute { 4 }.join).to eq(4)
    end
  end

  it "refuses a fork while it runs, with a clear error (contract 21.6)" do
    running = endless do
      IO.for_fd(BEGUN, autoclose: false).syswrite(".")
      sleep
    end
    expect { Minigun::Execution.create_context(:fork, "x").execute { 4 } }
      .to raise_error(Minigun::UnsafeForkError, /Ractor/)
    running.terminate
    expect(Minigun::Execution.create_context(:fork, "x").execute { 4 }.join).to eq(4)
  end

  it "works in a pool: acquire, execute, join, release (contract 11, 21.6)" do
    pool = Minigun::Execution::ContextPool.new(type: :ractor, max_size: 2)
    acquired = pool.acquire("test")
    acquired.execute { [Ractor.current == Ractor.main, "value"] }
    expect(acquired.join).to eq([false, "value"])
    pool.release(acquired)
    expect(pool.active_count).to eq(0)
  end

  it "prints in order, warns of nothing and leaves Warning alone (contract 21.6)" do
    result = run_script(<<~RUBY)
      require "minigun"
      print "before "
      value = Minigun::Execution.create_context(:ractor, "x").execute do
        print "inside "
        Ractor.current == Ractor.main
      end.join
      puts "after", value, Warning[:experimental]
      Minigun::Execution.create_context(:ractor, "forgotten").execute { sleep }
    RUBY
    expect([result.stdout, result.stderr]).to eq(["before inside after\nfalse\ntrue\n", ""])
    expect(result).to be_success
  end

  it "goes on when nobody holds it any more" do
    result = run_script(<<~RUBY)
      require "minigun"
      reader, writer = IO.pipe
      GO, OUT = reader.fileno, writer.fileno
      go, started = IO.pipe
      BLOCK = go.fileno
      Minigun::Execution.create_context(:ractor, "x").execute do
        IO.for_fd(BLOCK, autoclose: false).read(1)
        IO.for_fd(OUT, autoclose: false).syswrite("done")
      end
      5.times { GC.start }
      started.write(".")
      puts reader.wait_readable(20) && reader.read_nonblock(4)
    RUBY
    expect([result.stdout, result.stderr]).to eq(["done\n", ""])
  end
end
