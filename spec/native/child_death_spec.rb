# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe "A native child that ends" do
  include_context "base set"
  include_context "child slots"

  def status_of(**options, &block)
    child = slot(**options)
    child.spawn(&block)
    [drain(child), child.ended?, child.status.except(:peak_rss)]
  end

  describe "by itself" do
    it "before END, is not finished, whatever the status says" do
      [[0, proc { exit!(0) }], [7, proc { exit!(7) }], [0, proc { exec("true") }]].each do |code, ending|
        result = status_of do |channel|
          channel.write(1, 0, "done")
          ending.call
        end
        expect(result).to eq([[[1, 0, "done"]], false, status(exit: code)])
      end
    end

    it "after END, is finished, whatever the status says" do
      expect(status_of { |channel| channel.finish && exit!(7) }).to eq([[], true, status(exit: 0)])
        .or eq([[], true, status(exit: 7)])
      result = status_of do |channel|
        channel.finish
        Process.kill(:KILL, Process.pid)
      end
      expect(result).to eq([[], true, status(signal: 9)])
    end

    it "by exit or abort, has that status" do
      expect(status_of { exit(3) }).to eq([[], false, status(exit: 3)])
      expect(status_of { exit }).to eq([[], false, status(exit: 1)])
      expect(status_of { |_| $stderr.reopen(File::NULL) && abort("text") }).to eq([[], false, status(exit: 1)])
    end

    it "by an exception, says so on standard error" do
      result = run_script(<<~RUBY)
        require "minigun/native"
        child = Minigun::Native::Child.new
        child.spawn { raise "from the block" }
        child.read
        puts child.status[:exit]
      RUBY
      expect(result.stdout).to eq("1\n")
      expect(result.stderr).to include("from the block (RuntimeError)")
    end

    it "by a jump, does not come back into the parent's code" do
      jumps = [proc { throw(:outside) }, proc { Thread.current.kill }, proc { Thread.exit },
               proc { raise Interrupt }, proc { raise SignalException, "TERM" }]
      statuses = jumps.map do |jump|
        catch(:outside) do
          status_of do
            $stderr.reopen(File::NULL)
            jump.call
          end.last
        end
      end
      expect(statuses).to eq([status(exit: 1), status(exit: 1), status(exit: 1), status(signal: 2), status(signal: 15)])
    end

    it "runs no at_exit block, no ensure of the caller and no finalizer of the parent" do
      result = run_script(<<~RUBY)
        require "minigun/native"
        at_exit { puts "at_exit" }
        ObjectSpace.define_finalizer(Object.new, proc { puts "finalizer" })
        trap(:EXIT) { puts "trap" }
        child = Minigun::Native::Child.new
        begin
          child.spawn { |channel| channel.finish }
          child.read
          child.spawn { throw :nothing rescue exit }
          child.read
        ensure
          puts "ensure"
        end
      RUBY
      expect(result.stdout.lines.map(&:chomp)).to contain_exactly("at_exit", "finalizer", "trap", "ensure")
    end

    it "flushes what it printed, and does not print what the parent had not flushed" do
      result = run_script(<<~RUBY)
        require "minigun/native"
        child = Minigun::Native::Child.new
        file = File.open(ARGV.fetch(0, "/dev/null"), "w")
        file.write("once")
        print "parent "
        child.spawn do |channel|
          print "child "
          channel.finish
        end
        child.read
        child.spawn do |channel|
          print "raising"
          exit 1
        end
        child.read
      RUBY
      expect(result.stdout).to eq("parent child raising")
    end

    it "survives closed standard streams" do
      result = status_of do |channel|
        [$stdout, $stderr].each(&:close)
        channel.finish
      end
      expect(result).to eq([[], true, status(exit: 0)])
    end
  end

  describe "by SIGKILL" do
    it "loses nothing that was written, and delivers nothing that was not" do
      20.times do |i|
        records, ended, = status_of(ring: 1024) do |channel|
          Process.detach(fork { Process.kill(:KILL, Process.ppid) && exit!(0) }) if i.zero?
          500.times do |n|
            Process.kill(:KILL, Process.pid) if n == i * 25
            channel.write(1, n, "x" * (n % 700))
          end
        end
        expect(ended).to be(false)
        expect(records).to eq(Array.new(records.size) { |n| [1, n, "x" * (n % 700)] })
        expect(records.size).to eq(i * 25) if i.positive?
      end
    end

    it "in the middle of a message delivers the messages before it" do
      child = slot(ring: 256)
      child.spawn do |channel|
        channel.write(1, 0, "whole")
        channel.write(1, 1, "x" * 100_000)
      end
      expect(child.read).to eq([1, 0, "whole"])
      eventually { child.emitted == 1 && sleeping?(child) }
      child.kill
      expect(drain(child)).to eq([])
      expect(child.status.except(:peak_rss)).to eq(status(signal: 9, cause: :terminated))
      child.spawn do |channel|
        channel.write(1, 2, "next child")
        channel.finish
      end
      expect(drain(child)).to eq([[1, 2, "next child"]])
    end

    it "at random instants delivers a prefix", timeout: 120 do
      random = Random.new(7)
      30.times do
        child = slot(ring: 4096)
        child.spawn { |channel| 0.step { |n| channel.write(1, n % 1000, "r" * (n % 3000)) } }
        last = random.rand(200)
        expected = 0
        while (number, text = child.read&.drop(1))
          expect([number, text.size]).to eq([expected % 1000, expected % 3000])
          child.kill if expected == last
          expected += 1
        end
        expect(expected).to be > last
        child.close
      end
    end

    it "from outside is reported as such" do
      child = slot
      child.spawn { sleep_long }
      Process.kill(:KILL, child.pid)
      expect(child.read).to be_nil
      expect(child.status.except(:peak_rss)).to eq(status(signal: 9))
    end
  end

  describe "before it has started" do
    it "is killed at the start deadline" do
      result = run_script(<<~RUBY)
        require "minigun/native"
        module SlowHook
          def _fork
            pid = super
            sleep 60 if pid.zero?
            pid
          end
        end
        Process.singleton_class.prepend(SlowHook)
        child = Minigun::Native::Child.new
        child.spawn(start_timeout: 0.2) { |channel| channel.finish }
        p child.ready?, child.read, child.status.except(:peak_rss)
      RUBY
      expect(result.stdout).to eq("false\nnil\n#{status(signal: 9, cause: :start_timeout).inspect}\n")
    end

    it "has not started when the block has not been reached" do
      child = slot(inbox: 256)
      expect(child).not_to be_ready
      child.spawn { |channel| channel.read }
      expect(eventually { child.ready? }).to be(true)
      child.close_inbox
    end
  end

  def sleeping?(child)
    state(child) == "S"
  end
end
