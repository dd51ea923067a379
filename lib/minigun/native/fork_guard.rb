# frozen_string_literal: true

require_relative "../clock"
require_relative "../own_threads"
require_relative "huge_pages"
require_relative "warmup"

module Minigun
  module Native
    # Where and how it is safe to fork.
    #
    # 1. Refuses in a signal handler: the child would stay in one for ever.
    # 2. Refuses beside a second Ractor: the child could inherit a lock of the virtual machine, locked.
    # 3. Goes to a thread of its own from a fiber (the child would be left with the fiber's small stack,
    #    and inherit its scheduler) and when an interrupt waits to be let in (fork would lose it).
    # 4. Tries again for a moment where the system has no place for another process.
    # 5. Prepares the heap where that was asked for, so that children share its pages longer.
    #
    # @api private
    module ForkGuard
      # Seconds that a Ractor whose value could be taken may still take to end.
      ENDING = 0.05
      # Seconds that Ractors which have ended may take to disappear on a busy machine: until then Ruby
      # counts them.
      LEAVING = 5.0
      # Seconds between two looks: there is no event to wait for.
      PAUSE = 0.0005
      # How often a fork is tried that the system has no place for: one may become free.
      TRIES = 2
      private_constant :ENDING, :LEAVING, :PAUSE, :TRIES

      class << self
        # Runs the block where forking is safe.
        #
        # @yield several times, when it raises Errno::EAGAIN
        # @return [Object] the block's value
        # @raise [UnsafeForkError]
        # @raise [ForkError] when the system refuses
        def call(&fork)
          check_trap
          check_ractors
          Warmup.call
          HugePages.time { attempt(TRIES) { direct? ? fork.call : hop(&fork) } }
        rescue Errno::EAGAIN, Errno::ENOMEM, Errno::ENOSYS, Errno::EPERM, NoMemoryError, NotImplementedError => e
          number = e.is_a?(SystemCallError) ? e.errno : Errno::ENOMEM::Errno
          raise ForkError, "cannot fork a child process: #{e.message}#{SystemLimits.explain(number)}"
        end

        private

        # A Mutex cannot be locked in a trap context, which is the one way to find out.
        def check_trap
          Mutex.new.lock
        rescue ThreadError
          raise UnsafeForkError.new("a signal handler must not fork", reason: :trap)
        end

        def check_ractors
          return if Ractor.count <= 1

          began = Minigun.monotonic_time
          while Minigun.monotonic_time - began < (other_ractors? ? ENDING : LEAVING)
            sleep(PAUSE)
            return if Ractor.count <= 1
          end
          raise UnsafeForkError.new("forking beside other Ractors would make children hang", reason: :ractor)
        end

        # @return [Boolean] is there one besides this that has not ended?
        def other_ractors?
          others = ObjectSpace.each_object(Ractor).reject { |ractor| ractor.equal?(Ractor.current) }
          others.any? { |ractor| !ractor.inspect.end_with?(" terminated>") }
        end

        def direct?
          Native.root_fiber? && !Thread.pending_interrupt?
        end

        def attempt(tries)
          yield
        rescue Errno::EAGAIN
          retry if (tries -= 1).positive?
          raise
        end

        # Whoever interrupts the waiting thread interrupts the fork.
        def hop
          value = nil
          threads = OwnThreads.new
          start(threads) { value = yield }
          threads.join
          value
        ensure
          threads&.kill
        end

        def start(threads, &block)
          threads.start(&block)
        rescue ThreadError => e
          raise ForkError, "cannot fork a child process: #{e.message}"
        end
      end
    end

    private_constant :ForkGuard
  end
end
