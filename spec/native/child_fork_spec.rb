# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Native::Child, "#spawn" do
  include_context "base set"
  include_context "child slots"

  def ask(child = slot, **options)
    child.spawn(**options) do |channel|
      channel.write(1, 0, yield)
      channel.finish
    end
    drain(child).dig(0, 2)
  end

  it "needs a block" do
    expect { slot.spawn }.to raise_error(ArgumentError, /block/)
  end

  it "returns the slot, and gives it to the block" do
    child = slot
    expect(child.spawn { |channel| channel.write(1, 0, channel.equal?(child)) && channel.finish }).to be(child)
    expect(drain(child)).to eq([[1, 0, true]])
  end

  it "makes the child the leader of its own group, or leaves it in this one" do
    expect(ask { Process.getpgrp == Process.pid }).to be(true)
    expect(ask(group: false) { Process.getpgrp }).to eq(Process.getpgrp)
  end

  it "gives the child a title, or leaves it the one of this process" do
    title = -> { File.read("/proc/self/cmdline").delete("\0").strip }
    expect(ask(title: "a child", &title)).to eq("a child")
    expect(ask(&title)).to eq(title.call)
    expect { slot.spawn(title: :symbol, &:finish) }.to raise_error(TypeError, /Symbol/)
  end

  it "leaves the child nothing of its siblings: neither memory nor descriptors" do
    # In a process of its own: here other specs may have left memory to the garbage collector.
    result = run_script(<<~'RUBY')
      require "minigun/native"
      siblings = Array.new(2) { Minigun::Native::Child.new.tap { |child| child.spawn { sleep(30) } } }
      held = lambda do
        [File.foreach("/proc/self/maps").grep(%r{/dev/zero \(deleted\)}).size,
         Dir["/proc/self/fd/*"].count { |fd| File.symlink?(fd) && File.readlink(fd).include?("pidfd") }]
      end
      child = Minigun::Native::Child.new
      child.spawn do |channel|
        channel.write(1, 0, held.call)
        channel.finish
      end
      p child.read.last
      child.join
      p held.call
      [child, *siblings].each(&:close)
    RUBY
    expect(result.stdout).to eq("[1, 0]\n[3, 2]\n"), result.stderr
  end

  it "gives signals that are trapped here their default effect there, and leaves ignored ones" do
    previous = { TERM: trap(:TERM) { nil }, USR1: trap(:USR1) { nil }, HUP: trap(:HUP, "IGNORE") }
    handlers = ask { %i[TERM USR1 HUP INT].map { |name| trap(name, "DEFAULT") } }
    expect(handlers).to eq(%w[DEFAULT DEFAULT IGNORE DEFAULT])
    expect(trap(:TERM, "DEFAULT")).to be_a(Proc)
  ensure
    previous&.each { |name, handler| trap(name, handler || "DEFAULT") }
  end

  it "leaves the signal mask as it was on both sides" do
    mask = -> { File.read("/proc/thread-self/status")[/SigBlk:\s+(\h+)/, 1] }
    before = mask.call
    expect([ask(&mask), mask.call]).to eq([before, before])
    expect(before.hex[Signal.list["TERM"] - 1]).to eq(0)
  end

  it "leaves $? alone" do
    system("exit 5")
    ask { nil }
    expect($?.exitstatus).to eq(5)
  end

  it "works in threads, of which each has its own slot", timeout: 240 do
    count = ENV["LONG"] ? 200 : 15
    threads = Array.new(4) do |t|
      child = slot(ring: 4096)
      Thread.new do
        Array.new(count) do |i|
          child.spawn do |channel|
            channel.write(1, i, [t, i])
            channel.finish
          end
          drain(child)
        end
      end
    end
    threads.each_with_index do |thread, t|
      expect(thread.value).to eq(Array.new(count) { |i| [[1, i, [t, i]]] })
    end
  end

  it "works in fibers, on the stack of a thread" do
    answers = nil
    Fiber.new { answers = ask { [Minigun::Native.root_fiber?, Fiber.current.blocking?] } }.resume
    expect(answers).to eq([true, 1]).or eq([true, true])
    expect(Enumerator.new { |y| y << ask { Minigun::Native.root_fiber? } }.next).to be(true)
    expect(Minigun::Native.root_fiber?).to be(true)
  end

  it "does not lose an interrupt that waits to be let in" do
    child = slot
    masked = Queue.new
    thread = Thread.new do
      Thread.current.report_on_exception = false
      Thread.handle_interrupt(RuntimeError => :never) do
        masked << true
        Thread.pass until Thread.pending_interrupt?
        child.spawn { |channel| channel.finish }
        drain(child)
      end
    end
    masked.pop
    thread.raise("deferred")
    expect { thread.join }.to raise_error(RuntimeError, "deferred")
    expect(child).to be_ended
  end

  it "does not lose what another thread throws while output is written that waits" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      require "tempfile"
      printed = Tempfile.new
      $stdout.reopen(File.open(printed.path, File::WRONLY | File::SYNC))
      $stdout.sync = false
      child = Minigun::Native::Child.new
      calls = Queue.new
      Thread.new { Thread.main.raise(KeyError) while calls.pop }
      20.times do
        $stdout.write("x") # waits until the fork, and then takes the disk its time
        calls << true
        child.spawn(&:finish)
        child.join
        sleep(5)
        abort "lost"
      rescue KeyError
        child.join
      end
      warn File.size(printed.path)
    RUBY
    expect(result.stderr).to eq("20\n")
  end

  it "does not lose what another thread throws at any step of the first one" do
    result = run_script(<<~RUBY, deadline: 60)
      require "minigun/native"

      # Throws at the n-th step; answers whether there was one.
      def hit(number)
        seen = 0
        main = Thread.current
        parent = Process.pid
        trace = TracePoint.new(:call, :return, :c_call, :c_return) do
          next if Thread.current != main || Process.pid != parent || (seen += 1) != number

          Thread.new { main.raise(KeyError) }.join
        end
        child = Minigun::Native::Child.new
        trace.enable { child.spawn(&:finish) }
        child.join
        seen >= number ? "lost" : "over"
      rescue KeyError
        "raised"
      end

      # A process of its own for each, whose first fork it is.
      outcomes = 1.step.lazy.map { |number| IO.popen("-") { |io| io ? io.read : print(hit(number)) } }
      puts outcomes.take(300).take_while { |outcome| outcome != "over" }.tally
    RUBY
    expect(result.stdout).to match(/\A{"raised"=>\d{2,}}\n\z/)
  end

  it "refuses in a signal handler" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      child = Minigun::Native::Child.new
      trap(:USR1) do
        child.spawn { nil }
      rescue Minigun::UnsafeForkError => e
        $answer = e.reason
      end
      Process.kill(:USR1, Process.pid)
      sleep 0.01 until $answer
      p $answer
    RUBY
    expect([result.stdout, result.stderr]).to eq([":trap\n", ""])
  end

  it "refuses beside another Ractor" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      Warning[:experimental] = false
      ractor = Ractor.new { Ractor.receive }
      begin
        Minigun::Native::Child.new.spawn { nil }
      rescue Minigun::UnsafeForkError => e
        p e.reason
      end
      ractor.send(1)
      ractor.take
    RUBY
    expect(result.stdout).to eq(":ractor\n")
  end

  it "leaves signals to the parent that it has got and not yet handled" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      handled = 0
      Signal.trap("TERM") { handled += 1 }
      child = Minigun::Native::Child.new
      values = Array.new(20) do
        # The main thread sleeps: what this thread sends is in Ruby's list when it forks.
        Thread.new do
          Process.kill("TERM", Process.pid)
          child.spawn do |channel|
            Signal.trap("USR1") { nil }
            Process.kill("USR1", Process.pid) # Ruby looks at its list
            channel.write(1, 0, :unharmed)
            channel.finish
          end
          child.read&.last.tap { child.drop }
        end.value
      end
      p values.uniq, handled.positive?
    RUBY
    expect([result.stdout, result.stderr]).to eq(["[:unharmed]\ntrue\n", ""])
  end

  it "does not mistake a Ractor that has just ended for one that runs" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      Warning[:experimental] = false
      refused = Array.new(150) do
        Ractor.new { 1 }.take
        child = Minigun::Native::Child.new
        child.spawn { nil }
        child.join
        nil
      rescue Minigun::UnsafeForkError => e
        e
      ensure
        child.close
      end
      p refused.compact.size
    RUBY
    expect(result.stdout).to eq("0\n"), result.stderr
  end

  it "runs the fork hooks of other libraries, on both sides" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      module Hook
        def _fork
          super.tap { |pid| $stdout.write(pid.zero? ? "child\\n" : "parent\\n") }
        end
      end
      Process.singleton_class.prepend(Hook)
      child = Minigun::Native::Child.new
      child.spawn { |channel| channel.finish }
      child.read
    RUBY
    expect(result.stdout.lines.map(&:chomp)).to contain_exactly("child", "parent")
  end

  it "ends and reaps a child whose fork was cut short" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      module Hook
        def _fork
          pid = super
          raise "hook" unless pid.zero?
          pid
        end
      end
      Process.singleton_class.prepend(Hook)
      child = Minigun::Native::Child.new
      begin
        child.spawn { sleep 30 }
      rescue RuntimeError => e
        puts e.message
      end
      child.join
      # Killed, or it found out by itself that nobody wants it.
      p child.status.values_at(:exit, :signal), (Process.wait rescue $!.class)
    RUBY
    expect(result.stdout).to eq("hook\n[nil, 9]\nErrno::ECHILD\n").or eq("hook\n[1, nil]\nErrno::ECHILD\n")
  end

  # A hook does this to each new child, and raises.
  def cut_forks(deed, count: 20) = <<~RUBY
    require "minigun/native"
    require "etc"
    OTHERS = [spawn("true")]
    # Of two that have begun within one tick of the system's clock and ended nobody knows which is which.
    ticks = -> { Process.clock_gettime(Process::CLOCK_BOOTTIME) * Etc.sysconf(Etc::SC_CLK_TCK) }
    sleep 0.01 until File.read("/proc/\#{OTHERS.first}/stat").split.then { |stat|
      stat[2] == "Z" && ticks.call > stat[21].to_i + 1
    }
    module Hook
      def _fork
        pid = super
        return pid if pid.zero?

        #{deed}
        raise "hook"
      end
    end
    Process.singleton_class.prepend(Hook)
    child = Minigun::Native::Child.new
    #{count}.times do
      child.spawn { sleep 30 }
    rescue RuntimeError => e
      raise if e.message != "hook"
      child.join
    end
  RUBY

  # How many children it leaves, and how the processes of others have ended.
  def after_cut_forks(deed, **options)
    result = run_script(cut_forks(deed, **options) + <<~RUBY)
      p (File.read("/proc/thread-self/children").split.map(&:to_i) - OTHERS).size
      OTHERS.each do |pid|
        Process.kill(:TERM, pid)
        p Process.wait2(pid).last.then { |status| status.termsig || status.exitstatus }
      end
    RUBY
    [result.stdout.split, result.stderr]
  end

  it "reaps a child that somebody killed before it ran, whose fork was cut short" do
    expect(after_cut_forks("Process.kill(:KILL, pid)")).to eq([%w[0 0], ""])
  end

  it "ends and reaps a child that somebody stopped before it ran, whose fork was cut short" do
    expect(after_cut_forks("Process.kill(:STOP, pid)")).to eq([%w[0 0], ""])
  end

  it "takes no process of somebody else for the child whose fork was cut short" do
    deed = <<~RUBY
      Process.kill(:KILL, pid)
      Process.wait(pid)
      OTHERS << Process.spawn("sleep", "30")
    RUBY
    expect(after_cut_forks(deed, count: 2)).to eq([%w[0 0 15 15], ""])
  end

  it "raises ForkError within seconds when the system has no process left", timeout: 60 do
    skip "needs root to become somebody else" unless Process.uid.zero?
    result = run_script(<<~RUBY, deadline: 20)
      require "minigun/native"
      Process::Sys.setuid(65_123)
      Process.setrlimit(:NPROC, 1)
      child = Minigun::Native::Child.new
      before = Dir.children("/proc/self/fd").size
      begin
        child.spawn { nil }
      rescue Minigun::ForkError => e
        puts e.message
      end
      Process.setrlimit(:NPROC, 1)
      p child.alive?, Dir.children("/proc/self/fd").size <= before
    RUBY
    expect(result.stdout).to match(/\Acannot .*unavailable.*\nfalse\ntrue\n\z/)
  end

  it "does not leave a fork that is refused to Ruby, which would try again for ever", timeout: 60 do
    skip "needs root to become somebody else" unless Process.uid.zero?
    skip "a refused thread stops Ruby 3.3 for good, as docs/reliability.md says" if RUBY_VERSION.start_with?("3.3.")
    result = run_script(<<~RUBY, deadline: 40)
      require "minigun/native"
      Process::Sys.setuid(65_124)
      watcher, child = Array.new(2) { Minigun::Native::Child.new(inbox: 256) }
      watcher.spawn { |channel| channel.read } # the supervisor's thread has its place
      _, hard = Process.getrlimit(:NPROC)
      run = lambda do |limit|
        Process.setrlimit(:NPROC, limit, hard)
        child.spawn(&:finish)
        child.read
        puts "forked"
      rescue Minigun::ForkError => e
        puts e.message
      end
      run.call(1)
      run.call(1)
      Fiber.new { run.call(1) }.resume
      run.call(hard)
      queue = Queue.new
      Thread.new { queue.pop && Thread.main.raise(KeyError) }
      begin
        queue << true
        run.call(1)
      rescue KeyError => e
        puts e.class
      end
      run.call(hard)
    RUBY
    refused = 'cannot (fork a child process|start).*(unavailable|create Thread).*\n'
    expect(result.stdout).to match(/\A(#{refused}){3}forked\nKeyError\nforked\n\z/), result.stderr
    expect(result.stdout.lines.first).to match(/cannot fork.*RLIMIT_NPROC: 1/)
  end

  it "raises ForkError without a descriptor, and works again with one" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      child = Minigun::Native::Child.new
      limit = Process.getrlimit(:NOFILE)
      used = Dir.children("/proc/self/fd").map(&:to_i).max
      (0..4).each do |free|
        Process.setrlimit(:NOFILE, [used, 3].max + free, limit[1])
        child.spawn { |channel| channel.write(1, 0, 1) && channel.finish }
        puts child.read.inspect
        child.join
      rescue Minigun::ForkError => e
        puts e.class
      end
      Process.setrlimit(:NOFILE, *limit)
      child.spawn { |channel| channel.write(1, 0, 2) && channel.finish }
      p child.read, child.read
    RUBY
    lines = result.stdout.lines.map(&:chomp)
    expect(lines.first(5).uniq - ["Minigun::ForkError", "[1, 0, 1]"]).to be_empty
    expect(lines.last(2)).to eq(["[1, 0, 2]", "nil"])
  end

  it "leaves other children of the program to the program" do
    child = slot
    own = Process.spawn("exit 4")
    50.times { ask(child) { nil } }
    expect(Process.wait2(own).last.exitstatus).to eq(4)
  end

  it "is not confused by somebody who waits for any child" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      stop = false
      thief = Thread.new do
        until stop
          begin
            Process.wait(-1)
          rescue Errno::ECHILD
            Thread.pass
          end
        end
      end
      child = Minigun::Native::Child.new
      results = Array.new(50) do |i|
        child.spawn { |channel| channel.write(1, i, i) && channel.finish }
        records = []
        while (record = child.read)
          records << record[2]
        end
        status = child.status
        [records, child.ended?, status[:unknown] ? status[:exit].nil? : status[:exit] == 0]
      end
      stop = true
      thief.kill
      p results == Array.new(50) { |i| [[i], true, true] }
    RUBY
    expect([result.stdout, result.stderr]).to eq(["true\n", ""])
  end

  it "is not confused by ignored SIGCHLD" do
    result = run_script(<<~RUBY)
      require "minigun/native"
      trap(:CHLD, "IGNORE")
      child = Minigun::Native::Child.new
      child.spawn { |channel| channel.write(1, 0, 1) && channel.finish }
      p child.read, child.read, child.status[:unknown] || child.status[:exit] == 0
      child.spawn { sleep 30 }
      child.kill
      p child.join(5), child.status[:unknown] || child.status[:signal] == 9
    RUBY
    expect(result.stdout.lines.map(&:chomp)).to eq(["[1, 0, 1]", "nil", "true", "true", "true"])
  end

  it "works without pidfds" do
    result = run_script(<<~RUBY, env: { "MINIGUN_NO_PIDFD" => "1" })
      require "minigun/native"
      child = Minigun::Native::Child.new
      p Dir.children("/proc/self/fd").size
      child.spawn { |channel| channel.write(1, 0, 1) && channel.finish }
      p child.read, child.read, child.status[:exit]
      child.spawn { sleep 30 }
      p Dir["/proc/self/fd/*"].count { |fd| (File.readlink(fd) rescue "").include?("pidfd") }
      child.terminate
      p child.join(5), child.status[:signal]
    RUBY
    expect(result.stdout.lines.drop(1).map(&:chomp)).to eq(["[1, 0, 1]", "nil", "0", "0", "true", "15"])
  end
end
