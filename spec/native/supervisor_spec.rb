# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe "The native supervisor" do
  include_context "base set"
  include_context "child slots"

  # A program whose children print their pids and would work for a minute.
  let(:program) do
    <<~RUBY
      require "minigun/native"
      $stdout.sync = true
      kind = ARGV.fetch(0)
      work = lambda do |channel|
        puts Process.pid
        kind == "full" ? loop { channel.write(1, 0, "x" * 100) } : loop { sleep 60 }
      end
      slots = Array.new(4) { Minigun::Native::Child.new(ring: 4096, inbox: 4096) }
      case kind
      when "threads" then slots.map { |slot| Thread.new { slot.spawn(&work) } }.each(&:join)
      when "fibers" then slots.each { |slot| Fiber.new { slot.spawn(&work) }.resume }
      when "inbox" then slots.each { |slot| slot.spawn { |channel| puts Process.pid; channel.read } }
      else slots.each { |slot| slot.spawn(&work) }
      end
      $stdin.gets
      kind == "exit" ? exit : sleep
    RUBY
  end

  # Starts the program and yields its pid, its standard input and its children's pids.
  def with_parent(kind)
    Tempfile.create(["parent", ".rb"]) do |file|
      file.write(program)
      file.close
      IO.popen([RbConfig.ruby, "-I#{Processes::ROOT}/lib", file.path, kind], "r+") do |io|
        children = Array.new(4) { Integer(read_line(io)) }
        yield io.pid, io, children
      ensure
        children&.each { |child| kill_leftover(child) }
        kill_leftover(io.pid)
      end
    end
  end

  %w[main threads fibers full inbox].each do |kind|
    it "leaves no child 1 s after the parent was killed (#{kind})" do
      with_parent(kind) do |pid, _io, children|
        expect(children).to all(satisfy { |child| process_running?(child) })
        Process.kill(:KILL, pid)
        eventually(1, "children outlive their parent") { children.none? { |child| process_running?(child) } }
      end
    end
  end

  it "leaves no child of a thread that ended long before the parent was killed", timeout: 60 do
    skip "this Ruby keeps the native threads of ended threads" if RUBY_VERSION >= "3.3"

    with_parent("threads") do |pid, _io, children|
      # The interpreter gives an ended thread's native thread up after 3 seconds.
      eventually(10) { native_threads(pid) <= 2 }
      expect(children).to all(satisfy { |child| process_running?(child) })
      Process.kill(:KILL, pid)
      eventually(1, "children outlive their parent") { children.none? { |child| process_running?(child) } }
    end
  end

  it "leaves no child when the parent exits" do
    with_parent("exit") do |_pid, io, children|
      io.puts
      io.close_write
      expect(io.read).to eq("")
      expect(children.select { |child| File.exist?("/proc/#{child}") }).to be_empty
    end
  end

  it "does not harm a child when the thread that forked it ends", timeout: 60 do
    child = slot
    tid = Queue.new
    Thread.new do
      tid << File.basename(File.readlink("/proc/thread-self"))
      child.spawn do |channel|
        sleep 5
        channel.write(1, 0, "alive")
        channel.finish
      end
    end.join
    own = tid.pop
    eventually(10, "the native thread stays") { !File.exist?("/proc/self/task/#{own}") }
    expect(child).to be_alive
    expect(drain(child)).to eq([[1, 0, "alive"]])
  end

  it "enforces deadlines and reaps while Ruby threads are busy", timeout: 60 do
    busy = Array.new(8) { Thread.new { loop { nil } } }
    child = slot
    child.spawn { sleep_long }
    pid = child.pid
    seconds = measure do
      child.deadline = 0.1
      expect(gone_within(pid, 20)).to be(true)
    end
    expect(child.join(20)).to be(true)
    expect(child.status).to include(signal: 15, cause: :deadline)
    expect(seconds).to be < 20
  ensure
    busy&.each(&:kill)&.each(&:join)
  end

  it "serves many children at once" do
    children = Array.new(24) { slot(ring: 256) }
    children.each { |child| child.spawn { sleep_long } }
    children.each_with_index { |child, i| i.even? ? child.terminate : child.kill }
    children.each { |child| expect(child.join(20)).to be(true) }
    expect(children.map { |child| child.status[:signal] }).to eq([15, 9] * 12)
  end

  it "ends its thread and closes its descriptor when there is nothing to do" do
    child = slot
    before = [native_threads(Process.pid), fd_count]
    child.spawn { |channel| channel.finish }
    drain(child)
    eventually(5) { native_threads(Process.pid) <= before[0] && fd_count <= before[1] }
    child.spawn { |channel| channel.write(1, 0, "again") && channel.finish }
    expect(drain(child)).to eq([[1, 0, "again"]])
  end

  it "takes no signal that is meant for the program" do
    # Every thread begins with all signals blocked, by the C library: one that has reaped a child has begun.
    first = slot
    first.spawn(&:finish)
    drain(first)
    child = slot
    child.spawn { sleep_long }
    masks = Dir["/proc/self/task/*/status"].map { |path| File.read(path)[/SigBlk:\s+(\h+)/, 1].to_i(16) }
    expect(masks.count { |mask| mask[Signal.list["TERM"] - 1] == 1 && mask[Signal.list["USR1"] - 1] == 1 })
      .to eq(RUBY_VERSION >= "3.3" ? 2 : 1) # newer Rubies have a thread of that kind themselves
  end

  it "is not part of a program's own forks, which leave its children alone" do
    child = slot(inbox: 256)
    child.spawn do |channel|
      channel.write(1, 0, channel.read[2])
      channel.finish
    end
    own = fork do
      child.kill
      child.close
      GC.start
      exit # at_exit blocks included; RSpec's are harmless here
    ensure
      exit!(0)
    end
    Process.wait(own)
    expect(child).to be_alive
    child.write(1, 0, "untouched")
    expect(drain(child)).to eq([[1, 0, "untouched"]])
  end

  def measure
    before = monotonic_now
    yield
    monotonic_now - before
  end

  # Looks without the help of this process's threads, which are busy: a zombie counts as here.
  def gone_within(pid, seconds)
    system("sh", "-c", "for i in $(seq #{seconds * 20}); do [ -e /proc/#{pid} ] || exit 0; sleep 0.05; done; exit 1")
  end

  def native_threads(pid)
    Dir.children("/proc/#{pid}/task").size
  end

  def kill_leftover(pid)
    Process.kill(:KILL, pid)
  rescue Errno::ESRCH
    nil
  end
end
