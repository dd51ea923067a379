# frozen_string_literal: true

require_relative "../errors"
require_relative "../native"
require_relative "handle"

module Minigun
  # A mutex between the threads of this process and those of the children which it forks later.
  #
  # It belongs to the thread that locked it and is not recursive. When its holder dies, killed or not, the
  # next one gets it and is told by {#abandoned?}: what the mutex guards may be half changed. Whoever waits
  # can be interrupted (Timeout, Thread#kill, a signal). Who is next is not a matter of turn.
  #
  # @example
  #   mutex = Minigun::SharedMutex.new
  #   Process.wait(fork { mutex.synchronize { File.write("total", "1") } })
  class SharedMutex
    include SharedHandle

    # @api private
    # @return [void]
    def self.check(_name); end

    # @param name [Symbol, nil]
    # @raise [RingAllocError] when the system refuses the memory
    def initialize(name: nil)
      @name = name
      @lock = Native::Lock.new
      @abandoned = false
    end

    # Runs the block with the mutex held, and releases it however the block ends.
    # @param timeout [Numeric, nil] seconds to wait for it; nil = no limit
    # @return [Object] the block's value
    # @raise [LockTimeout] when the time is up
    # @raise [ThreadError] when this thread holds it
    def synchronize(timeout: nil)
      held = false
      value = @lock.synchronize(timeout) do |how|
        held = true
        @abandoned = how == :owner_dead
        yield
      end
      held ? value : raise(LockTimeout.new(late(timeout), seconds: timeout))
    end

    # @param timeout [Numeric, nil] seconds; nil = no limit
    # @return [Boolean] false: the time is up
    # @raise [ThreadError] when this thread holds it
    def lock(timeout: nil) = took?(@lock.lock(timeout))

    # @return [Boolean] false: somebody holds it
    def try_lock = took?(@lock.try_lock)

    # @return [self]
    # @raise [ThreadError] when this thread does not hold it
    def unlock
      @lock.unlock
      self
    end

    # @return [Boolean] does this thread hold it?
    def owned? = @lock.owned?

    # To be asked while it is held.
    # @return [Boolean] did the holder before this one, in whatever process, die with it?
    def abandoned? = @abandoned && owned?

    # @return [String]
    def inspect = described(owned? ? "owned" : "not owned")

    private

    def took?(how)
      return false unless how

      @abandoned = how == :owner_dead
      true
    end

    def late(timeout) = "#{self.class.label(name)} was not to be had within #{timeout} s"
  end
end
