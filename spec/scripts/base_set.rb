# frozen_string_literal: true

require "tmpdir"

# What a process has and what it must have again after every run, however that ended: exactly equal.
module BaseSet
  # Shared anonymous memory has this name in the list of mappings.
  SHARED = %r{/dev/zero \(deleted\)}
  SETTLING_SECONDS = 5

  module_function

  # Without what only waits to be collected: loading leaves files open.
  #
  # @return [Hash{Symbol => Integer}]
  def take
    GC.start
    { children: children, descriptors: Dir.children("/proc/self/fd").size, threads: Thread.list.size,
      native_threads: Dir.children("/proc/self/task").size, mappings: File.foreach("/proc/self/maps").grep(SHARED).size,
      files: Dir.children(Dir.tmpdir).grep(/\Aminigun/).size }
  end

  # The supervisor's thread and its descriptor outlive a run by a moment, a native thread of Ruby by
  # three seconds.
  #
  # @return [Hash{Symbol => Integer}] equal to `before` as soon as everything is as it was
  def settled(before)
    deadline = now + SETTLING_SECONDS
    sleep 0.02 until (set = take) == before || now > deadline
    set
  end

  # @return [Integer] zombies included
  def children
    Dir["/proc/[0-9]*/stat"].count do |path|
      File.read(path).rpartition(")").last.split[1].to_i == Process.pid
    rescue Errno::ENOENT, Errno::ESRCH
      false
    end
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
