# frozen_string_literal: true

require "set"

require_relative "errors"
require_relative "system_limits"
# Beside this file after `rake compile` and in an installed gem, so that a script which knows nothing
# but the path of lib/minigun.rb can load it; elsewhere only where RubyGems keeps extensions apart.
begin
  require_relative "minigun"
rescue LoadError
  require "minigun/minigun"
end
require_relative "native/bound_block"
require_relative "native/emitter"
require_relative "native/fork_guard"
require_relative "native/gatherer"
require_relative "native/in_flight"
require_relative "native/inbox"
require_relative "native/child"
require_relative "native/counters"
require_relative "native/list"
require_relative "native/lock"
require_relative "native/rate"
require_relative "native/semaphore"
require_relative "native/outlet"
require_relative "native/intake"
require_relative "native/relay"
require_relative "native/stream"
require_relative "native/table"
require_relative "native/tally"
require_relative "native/watch"

module Minigun
  # What is written in C: the byte format, the processes and the memory they share.
  #
  # Objects of these classes know which process made them. A forked child may use what is meant to be
  # shared (Counters, Lock, Semaphore, Table, the Child it was spawned as); anything else raises {Minigun::Error} there.
  module Native
    # @api private
    # Prepares the heap at the next fork of this process, where that is worth its time.
    # @return [void]
    def self.request_warmup = Warmup.request

    # @api private
    # Moves a part of the memory into huge pages, see {huge_pages}, where more forks are to come.
    # @param child [Child] that was just forked
    # @return [void]
    def self.ease_forks(child) = HugePages.step(child)

    # @!method self.dump(object)
    #   The bytes of a value. nil, true, false, Integer, Float, String, Symbol, Array, Hash and the
    #   like have a form of their own, everything else is left to Marshal. Identity within one value
    #   (the same object twice) is kept by Marshal only.
    #   @param object [Object]
    #   @return [String] binary
    #   @raise [SerializationError] when a part of it cannot be dumped; names the class and the path

    # @!method self.pid
    #   `Process.pid` at the price of a method call; asking the system may cost a microsecond.
    #   @return [Integer]

    # @!method self.containers(object, reserved)
    #   The Arrays, Hashes and Sets that the instance variables of an object hold.
    #   @param object [Object] of any class, BasicObject included
    #   @param reserved [String] variables whose names begin with this are left out
    #   @return [Hash{Symbol => Array, Hash, Set}, nil] by variable; nil when there is none

    # @!method self.huge_pages(seconds, child)
    #   Moves memory of this process that is in use into huge pages, a part at each call, so that forks
    #   have less to copy. Linux 6.1 and later, a process of 48 MB and more.
    #   @param seconds [Numeric] to be spent on it, about
    #   @param child [Child] whose end ends it, too
    #   @return [Integer] bytes that are in huge pages now; 0 = there was nothing to do

    # @!method self.growing
    #   While the block runs, threads that need memory get it in huge pages, 16 MB ahead: from each collection
    #   of garbage that comes by itself, and before they fork. Children that are forked meanwhile do so, too.
    #   Linux with the malloc of glibc, unless that was set up in the environment (`MALLOC_TOP_PAD_` and the
    #   like, `GLIBC_TUNABLES`), and where the administrator lets programs ask for huge pages.
    #   @yield
    #   @return [Object] the block's value

    # @!method self.memory(path)
    #   What Linux tells of the memory of a process, read without allocating any.
    #   @param path [String] `/proc/PID/smaps_rollup`
    #   @return [Array(Integer, Integer, Integer), nil] bytes: see {Stats::ChildMemory.read}; nil = no such file

    # @!method self.trim
    #   Gives memory that was freed back to the system (`malloc_trim` of glibc). While the block of {growing}
    #   runs it comes in huge pages when it is used again.
    #   @return [Boolean] was there any? false where there is no such function

    # @!method self.load(string)
    #   @param string [String] from {dump}
    #   @return [Object]
    #   @raise [RingCorrupted] when the bytes are no value, or more than one
    #   @raise [SerializationError] when Marshal cannot rebuild a part of it

    # @!method self.rebind(block, from, to)
    #   Gives a Proc another self, see {BoundBlock}.
    #   @param block [Proc]
    #   @param from [Object] its self
    #   @param to [Object]
    #   @return [Boolean] false = the self is not where it is known to be, and nothing was changed

    # @!method self.isolate(block)
    #   A copy of a block that is cut off from the variables around it, so that a Ractor may be given
    #   it. Its self is that of the block: run it with another one. Missing where Ruby has no way to do
    #   this from outside `Ractor.new`.
    #   @param block [Proc]
    #   @return [Proc] shareable
    #   @raise [ArgumentError] when the block uses variables from outside, or yields
  end
end
