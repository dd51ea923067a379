# frozen_string_literal: true

RSpec.describe Minigun::Execution::ForkContext do
  include_context "base set"

  def fork_context = described_class.new("job")

  def value_of(&block) = fork_context.execute(&block).join

  # The only way to tell the child's own end from one that was caused: what join gives.
  def error_of(&block)
    value_of(&block)
    nil
  rescue Exception => e # rubocop:disable Lint/RescueException -- any of them may come home
    e
  end

  describe "values (contract 11)" do
    it "come home at 200 MB", :slow do
      expect(value_of { "z" * 200_000_000 }.bytesize).to eq(200_000_000)
    end

    it "come home of every type that travels" do
      Runs::AWKWARD.each { |what, value| expect(value_of { value }.to_s).to eq(value.to_s), what }
    end

    it "are the same for every thread that joins" do
      10.times do
        context = fork_context.execute { "v" * 500_000 }
        values = Array.new(4) { Thread.new { context.join } }.map(&:value)
        expect(values.map(&:size)).to eq([500_000] * 4)
      end
    end

    it "are not lost when a join is interrupted, wherever that happens" do
      interruptions = 0
      (ENV["LONG"] ? 100 : 15).times do
        context = fork_context.execute { "v" * 2_000_000 }
        begin
          Timeout.timeout(rand * 0.004) { context.join }
        rescue Timeout::Error
          interruptions += 1
          retry
        end
        expect([context.join.size, context.alive?]).to eq([2_000_000, false])
      end
      expect(interruptions).to be_positive
    end

    it "are there when the child had ended before it was terminated" do
      context = fork_context.execute { 5 }
      eventually { !context.alive? }
      context.terminate
      expect(context.join).to eq(5)
    end
  end

  describe "errors (contract 11)" do
    it "keep their class though the receiver cannot travel, or is large" do
      stub_const("Holder", Class.new do
        def initialize = @mutex = Mutex.new
        def call = nothing_of_the_kind
        def send_on = nothing_of_the_kind(1)
      end)
      large = Array.new(100_000) { |i| [i, "row #{i}"] }.to_h
      errors = [
        -> { Holder.new.call }, -> { Holder.new.send_on }, -> { Hash.new { 1 }.fetch(:x) }, -> { large.fetch(:x) },
        -> { large.freeze[:x] = 1 }, -> { large.nothing_of_the_kind }
      ].map { |block| error_of(&block) }
      expect(errors.map(&:class)).to eq([NameError, NoMethodError, KeyError, KeyError, FrozenError, NoMethodError])
      expect(errors.map(&:message)).to all(match(/nothing_of_the_kind|key not found: :x|frozen/))
      expect([errors[0].name, errors[2].key]).to eq(%i[nothing_of_the_kind x])
    end

    it "come home when they are frozen, have a huge message, or a singleton" do
      single = IOError.new("single").tap { |error| error.define_singleton_method(:more) { 1 } }
      errors = [IOError.new("frozen").freeze, IOError.new("x" * 10_000_000), single].map { |e| error_of { raise e } }
      expect(errors.map(&:class)).to eq([IOError] * 3)
      expect(errors.map { |error| error.message[0, 6] }).to eq(%w[frozen xxxxxx single])
    end

    it "are an error where the block is left by throw, return or break" do
      jumps = [
        catch(:out) { error_of { throw :out, 1 } },
        proc { error_of { break 1 } }.call,
        Class.new { define_method(:call) { |spec| spec.error_of { return 1 } } }.new.call(self)
      ]
      expect(jumps).to all(be_a(Minigun::Error))
      expect(jumps.map(&:message)).to all(include("left by return, throw or break"))
    end

    it "are none where the block leaves its process or thread" do
      quiet = -> { $stderr.reopen(File::NULL) && abort("given up") }
      values = [-> { exit 3 }, quiet, -> { Thread.exit }, -> { Thread.main.kill && sleep }].map { |b| value_of(&b) }
      expect(values).to eq([nil] * 4)
    end

    it "tell of a signal from elsewhere, whichever" do
      %i[TERM KILL HUP].each do |name|
        error = error_of { Process.kill(name, Process.pid) && sleep }
        expect(error).to be_a(Minigun::WorkerDied).and have_attributes(signal: Signal.list.fetch(name.to_s))
      end
    end

    it "are gone when the context is used again" do
      context = fork_context
      expect { context.execute { raise IOError, "first" }.join }.to raise_error(IOError)
      expect(context.execute { 2 }.join).to eq(2)
    end
  end

  it "can be used again after a fork that was refused (contract 11)" do
    context = fork_context
    refusal = Thread::Queue.new
    previous = Signal.trap("USR2") do
      context.execute { 1 }
    rescue StandardError => e
      refusal << e
    end
    Process.kill(:USR2, Process.pid)
    expect(refusal.pop).to be_a(Minigun::UnsafeForkError)
    expect([context.alive?, context.join, context.execute { 2 }.join]).to eq([false, nil, 2])
  ensure
    Signal.trap("USR2", previous || "DEFAULT")
  end

  it "ends by TERM at any moment, with nothing of the parent's stack in the child (contract 11, 16 Q8)" do
    count = ENV["LONG"] ? 500 : 40
    result = run_script(<<~RUBY, deadline: 50)
      require "minigun"
      $parent = Process.pid
      at_exit { puts "left" if Process.pid != $parent }
      # A thread may end between the two looks.
      count = ->(path) { File.read(path).split.size rescue 0 }
      children = -> { Dir["/proc/self/task/*/children"].sum(&count) }
      faults = 0
      #{count}.times do |i|
        context = Minigun::Execution.create_context(:fork, "x").execute do
          [-> { sleep }, -> { loop { nil } }, -> { "x" * 3_000_000 }, -> { 1 }][i % 4].call
        end
        until_then = Process.clock_gettime(Process::CLOCK_MONOTONIC) + (rand * 0.004)
        nil while Process.clock_gettime(Process::CLOCK_MONOTONIC) < until_then
        context.terminate
        faults += 1 if context.alive? || children.call.positive?
        faults += 1 unless [nil, 1, "x" * 3_000_000].include?(context.join)
        context.terminate
      ensure
        puts "unwound" if Process.pid != $parent
      end
      puts "faults: \#{faults}"
    RUBY
    expect([result.stdout, result.stderr]).to eq(["faults: 0\n", ""])
  end

  it "lets a thread that joins go when another terminates (contract 11)" do
    20.times do
      context = fork_context.execute { sleep }
      joining = Thread.new { context.join }
      eventually { joining.stop? }
      context.terminate
      expect([joining.value, context.alive?]).to eq([nil, false])
    end
  end
end
