# frozen_string_literal: true

require "io/wait"
require "rbconfig"
require "tempfile"

# Running Ruby programs in processes of their own, and looking at processes from outside.
module Processes
  ROOT = File.expand_path("../..", __dir__)

  # What is run does without Bundler, whose set-up takes longer than most of the programs.
  WITHOUT_BUNDLER = { "RUBYOPT" => nil }.freeze

  # How a program ended.
  #
  # @!attribute stdout [String]
  # @!attribute stderr [String]
  # @!attribute status [Process::Status]
  # @!attribute timed_out [Boolean] the deadline passed and the process group was killed
  ScriptResult = Struct.new(:stdout, :stderr, :status, :timed_out, keyword_init: true) do
    def success?
      !timed_out && status.success?
    end
  end

  # Runs a Ruby program in its own process group, with lib/ on the load path.
  #
  # @param source_or_path [String] the path of a program, or Ruby source
  # @param arguments [Array<String>] of the program
  # @param deadline [Numeric] seconds; after that the process group, and only that, is killed
  # @param env [Hash{String => String, nil}] added to the environment
  # @return [ScriptResult]
  def run_script(source_or_path, *arguments, deadline: 30, env: {}, chdir: ROOT)
    command = [RbConfig.ruby, "-I#{ROOT}/lib"]
    env = WITHOUT_BUNDLER.merge(env)
    if source_or_path.include?("\n") || !File.file?(source_or_path)
      Tempfile.create(["script", ".rb"]) do |file|
        file.write(source_or_path)
        file.close
        run_command(*command, file.path, *arguments, deadline: deadline, env: env, chdir: chdir)
      end
    else
      run_command(*command, source_or_path, *arguments, deadline: deadline, env: env, chdir: chdir)
    end
  end

  # Runs any command in its own process group.
  #
  # @return [ScriptResult]
  def run_command(*command, deadline: 30, env: {}, chdir: ROOT)
    Tempfile.create("stdout") do |stdout|
      Tempfile.create("stderr") do |stderr|
        pid = Process.spawn(env, *command, in: File::NULL, out: stdout, err: stderr, pgroup: true, chdir: chdir)
        status, timed_out = wait_or_kill_group(pid, deadline)
        ScriptResult.new(stdout: File.read(stdout.path), stderr: File.read(stderr.path),
                         status: status, timed_out: timed_out)
      end
    end
  end

  # Forks a child that never gets beyond the block, and ends by itself should the example fail.
  #
  # @return [Integer] its pid; it exits with success unless the block raises
  def forked
    fork do
      Timeout.timeout(30) { yield }
      exit!(true)
    rescue Exception => e # rubocop:disable Lint/RescueException -- nothing of RSpec may run in the child
      warn e.full_message
      exit!
    end
  end

  # Runs the block in a forked child and waits for its success.
  def in_child(&block)
    expect(Process.wait2(forked(&block)).last).to be_success
  end

  # @return [Array<Integer>] pids whose parent is the given process, zombies included
  def children_of(pid)
    Dir["/proc/[0-9]*/stat"].filter_map do |path|
      # The name in parentheses may hold spaces and parentheses: the fields start after the last.
      fields = File.read(path).rpartition(")").last.split
      Integer(path[/\d+/]) if fields[1].to_i == pid
    rescue Errno::ENOENT, Errno::ESRCH
      nil
    end
  end

  # @return [Integer] open file descriptors of a process
  def fd_count(pid = Process.pid)
    Dir.children("/proc/#{pid}/fd").size
  end

  # @return [Boolean] whether the process exists and is not a zombie
  def process_running?(pid)
    File.read("/proc/#{pid}/stat").rpartition(")").last.split.first != "Z"
  rescue Errno::ENOENT, Errno::ESRCH
    false
  end

  private

  def wait_or_kill_group(pid, deadline)
    waiter = Process.detach(pid)
    return [waiter.value, false] if waiter.join(deadline)

    kill_group(pid)
    [waiter.value, true]
  ensure
    kill_group(pid)
  end

  # The group outlives its leader while it has members, so stragglers are found by its number.
  def kill_group(pgid)
    Process.kill(:KILL, -pgid)
  rescue Errno::ESRCH, Errno::EPERM
    nil
  end
end
