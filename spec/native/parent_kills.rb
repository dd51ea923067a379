# frozen_string_literal: true

require "tmpdir"
require_relative "marked_run"

# Kills a program with children of every origin at random instants, and looks what outlives it.
class ParentKills
  ROOT = File.expand_path("../..", __dir__)
  # Origins of children in the program.
  ORIGINS = 6
  # The longest time from the moment that an origin is at work to the kill.
  SECONDS = 0.3
  # Until an origin must be at work.
  START_SECONDS = 60
  ATTEMPTS = 3
  # Kilobytes that a run which leaves its memory behind would leave at least: the rings are written.
  RUN_KILOBYTES = 1024

  # How many were killed, and the longest time that a process of theirs outlived it.
  attr_reader :done, :longest

  def initialize(seed, count)
    @random = Random.new(seed)
    @count = count
    @done = 0
    @longest = 0.0
  end

  # @return [Array<String>] what went wrong
  def problems
    problems = []
    # Other programs of the machine have shared memory as well, and may start meanwhile: not each time.
    ATTEMPTS.times do
      own, left = kill_all
      problems = own + left
      return problems if own.any? || left.empty?
    end
    problems
  end

  private

  # @return [Array(Array<String>, Array<String>)] problems of the programs, and what they seem to have left
  def kill_all
    before = shared_memory
    files = Dir.children("/dev/shm")
    problems = Array.new(@count) { kill_one }.flatten
    new = Dir.children("/dev/shm") - files
    left = new.empty? ? [] : ["in /dev/shm: #{new}"]
    left << "shared memory is left" unless shared_memory_below(before + (@count * RUN_KILOBYTES / 2))
    [problems, left]
  end

  def kill_one
    origin = @random.rand(1..ORIGINS)
    delay = @random.rand(0.0..SECONDS)
    Dir.mktmpdir("killed") do |dir|
      run = MarkedRun.new("-I#{ROOT}/lib", "#{ROOT}/spec/scripts/parent_killed.rb", "#{dir}/at_work",
                          env: { "TMPDIR" => dir }, deadline: START_SECONDS)
      run.call { |pid| kill_at("#{dir}/at_work", origin, delay, pid) }
      @done += 1
      @longest = [@longest, run.outlived].max
      verdict(run, dir).map { |text| "#{delay.round(4)} s after origin #{origin}: #{text} #{run.stderr[-500..]}" }
    end
  end

  def kill_at(log, origin, delay, pid)
    limit = now + START_SECONDS
    sleep 0.002 until (File.exist?(log) && File.size(log) >= origin) || now > limit
    sleep delay
    Process.kill(:KILL, pid)
  end

  def verdict(run, dir)
    left = Dir.children(dir) - ["at_work"]
    problems = run.remains
    problems << "it ended before: #{run.status}" unless run.status.termsig == Signal.list["KILL"]
    problems << "files left: #{left}" if left.any?
    problems
  end

  # By the system's own count, in kilobytes. Other programs have shared memory, too.
  def shared_memory = File.read("/proc/meminfo")[/^Shmem:\s+(\d+)/, 1].to_i

  def shared_memory_below(most)
    limit = now + 5
    sleep 0.05 until shared_memory <= most || now > limit
    shared_memory <= most
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
