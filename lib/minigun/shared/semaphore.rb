# frozen_string_literal: true

require_relative "../errors"
require_relative "../native"
require_relative "../width"
require_relative "handle"

module Minigun
  # So many permits between the threads of this process and those of the children which it forks later:
  # no more than that hold one at once.
  #
  # A permit belongs to the thread that acquired it. What a process holds that dies, killed or not, comes
  # back, and whoever waits finds it within 20 ms. Whoever waits can be interrupted (Timeout, Thread#kill,
  # a signal). Who is next is not a matter of turn.
  #
  # @example
  #   connections = Minigun::SharedSemaphore.new(5)
  #   Process.wait(fork { connections.synchronize { puts "one of five" } })
  class SharedSemaphore
    include SharedHandle

    # @return [Integer] how many there are
    attr_reader :permits

    # @api private
    # @raise [ArgumentError] unless it is an Integer that a semaphore can have
    def self.check(name, permits:)
      Width.require("#{label(name)}: permits", permits)
    end

    # @param count [Integer] permits
    # @param permits [Integer] the same, by name
    # @param name [Symbol, nil]
    # @raise [ArgumentError] unless it is an Integer from 1 to 100,000
    # @raise [RingAllocError] when the system refuses the memory
    def initialize(count = nil, permits: count, name: nil)
      @name = name
      @permits = self.class.check(name, permits: permits)
      @semaphore = Native::Semaphore.new(permits)
    end

    # Runs the block with a permit, and gives it back however the block ends.
    # @param timeout [Numeric, nil] seconds to wait for it; nil = no limit
    # @return [Object] the block's value
    # @raise [LockTimeout] when the time is up
    # @raise [ThreadError] when this thread holds all of them, and would wait for ever
    def synchronize(timeout: nil)
      held = false
      value = @semaphore.synchronize(timeout) do
        held = true
        yield
      end
      held ? value : raise(LockTimeout.new(late(timeout), seconds: timeout))
    end

    # @param timeout [Numeric, nil] seconds; nil = no limit
    # @return [Boolean] false: the time is up
    # @raise (see #synchronize)
    def acquire(timeout: nil) = !@semaphore.acquire(timeout).nil?

    # @return [Boolean] false: there is none now
    def try_acquire = !@semaphore.try_acquire.nil?

    # @return [self]
    # @raise [ThreadError] when this thread has none
    def release
      @semaphore.release
      self
    end

    # @return [Integer] how many are free; not at one instant while others work with them
    def available = @semaphore.available

    # @return [String]
    def inspect = described("#{available} of #{permits}")

    private

    def late(timeout) = "#{self.class.label(name)} had no permit within #{timeout} s"
  end
end
