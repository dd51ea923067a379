# frozen_string_literal: true

require "io/wait"
require "rbconfig"
require "securerandom"
require "tempfile"

# A Ruby program in a process of its own, watched from outside: all its processes carry one mark in
# their environment, so that those which outlive it are found too.
class MarkedRun
  MARK = "MINIGUN_RUN_MARK"
  POLL_SECONDS = 0.02
  # How long what is left may take to go once the program has ended.
  GRACE_SECONDS = 1.0

  attr_reader :stdout, :stderr, :status, :left, :stopped

  # @return [Float] seconds until no process was left after the program had ended
  attr_reader :outlived

  # @param command [Array<String>] arguments of ruby
  # @param on_stop [Symbol, nil] the signal for a process of the run that is found stopped
  # @param under [Array<String>] a command that ruby is to be run by
  def initialize(*command, env: {}, deadline: 30, on_stop: nil, chdir: nil, under: [])
    @command = [*under, RbConfig.ruby, "--disable=gems", *command]
    @mark = SecureRandom.hex(8)
    # Bundler would set itself up, gems or not, and take longer than the program.
    @env = { "RUBYOPT" => nil }.merge(env, MARK => @mark)
    @deadline = deadline
    @on_stop = on_stop
    @options = chdir ? { chdir: chdir } : {}
    @stopped = 0
  end

  def timed_out? = @timed_out

  # @return [Array<String>] what a run must never leave, whatever happened in it
  def remains
    problems = []
    problems << "still running after #{@deadline} s" if timed_out?
    problems << "#{left.size} processes left" unless left.empty?
    problems
  end

  # @yieldparam pid [Integer] once the program has been started
  # @return [self]
  def call
    Tempfile.create("out") do |out|
      Tempfile.create("err") do |err|
        pid = Process.spawn(@env, *@command, in: File::NULL, out: out, err: err, pgroup: true, **@options)
        yield pid if block_given?
        watch(pid)
        @stdout = File.read(out.path)
        @stderr = File.read(err.path)
      end
    end
    self
  end

  private

  def watch(pid)
    waiter = Process.detach(pid)
    limit = now + @deadline
    (wake_stopped if @on_stop) until waiter.join(POLL_SECONDS) || now > limit
    @timed_out = waiter.alive?
    processes.each { |other| kill(:KILL, other) } if @timed_out
    @status = waiter.value
    watch_what_is_left
  end

  def watch_what_is_left
    ended = now
    sleep POLL_SECONDS until (@left = processes).empty? || now > ended + GRACE_SECONDS
    @outlived = now - ended
    # One look at all processes takes long on a busy machine: what it has found may be gone by now.
    @left = @left.select { |pid| ours?(pid) }
    @left.each { |other| kill(:KILL, other) }
  end

  def wake_stopped
    processes.each do |pid|
      next unless state(pid) == "T"

      @stopped += 1
      kill(@on_stop, pid)
    end
  end

  # @return [Array<Integer>] living processes of this run
  def processes
    Dir["/proc/[0-9]*/environ"].filter_map do |path|
      pid = Integer(path[/\d+/])
      pid if ours?(pid)
    end
  end

  def ours?(pid)
    File.binread("/proc/#{pid}/environ").include?(@mark) && !%w[Z X].include?(state(pid))
  rescue Errno::ENOENT, Errno::ESRCH, Errno::EACCES
    false
  end

  def state(pid)
    File.read("/proc/#{pid}/stat").rpartition(")").last.split.first
  rescue Errno::ENOENT, Errno::ESRCH
    nil
  end

  def kill(signal, pid)
    Process.kill(signal, pid)
  rescue Errno::ESRCH
    nil
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
