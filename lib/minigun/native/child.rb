# frozen_string_literal: true

module Minigun
  module Native
    # One slot for child processes, used again and again: spawn, read until nil, spawn the next.
    #
    # The memory is made with the slot: a ring that carries records from the child, and, if wanted,
    # one (the inbox) that carries them to it. A record is a kind (0...240), a number (0...2**32) and
    # an object. The same object has two roles: in the process that made it (the parent), and in the
    # child. Every other process, a child's own child included, gets {Minigun::Error}.
    #
    # 1. What was written is read, whatever became of its writer; a record half written is not.
    # 2. Every wait ends: by the other side, its death, a timeout, or an interrupt of the thread.
    # 3. A child does not outlive its parent, nor {#close}, nor the slot's collection as garbage.
    #    (A child that is stopped then ends when it is continued; processes that a child starts
    #    itself are its own affair, except when it is told to end: then its group goes with it.)
    # 4. No other process is waited for or signalled, and `$?` stays as it was.
    #
    # One thread reads and one writes at a time.
    #
    # @example
    #   child = Minigun::Native::Child.new
    #   child.spawn do |channel|
    #     channel.write(1, 0, "hello")
    #     channel.finish
    #   end
    #   child.read # => [1, 0, "hello"]
    #   child.read # => nil
    #   child.status # => {exit: 0, signal: nil, peak_rss: 29261824, unknown: false, cause: nil}
    class Child
      # @!method initialize(ring: 1 << 20, inbox: nil, label: nil)
      #   @param ring [Integer] bytes of the ring from the child, a power of two from 256 on; a record
      #     may be larger
      #   @param inbox [Integer, nil] bytes of the ring to the child; nil = none
      #   @param label [String, nil]
      #   @raise [RingAllocError] when the system refuses the memory
      #   @raise [ArgumentError] when a size is no power of two

      # Forks a child that runs the block and then leaves by `_exit`: no `at_exit` block, no finalizer
      # and nothing of the caller runs in it. Its status is 0 when it wrote END ({#finish}), else 1 or
      # what it gave to `exit`; a SignalException ends it by that signal. `$stdout` and `$stderr` are
      # flushed before the fork and in the end.
      #
      # Signals that the program traps have their default effect in the child. Handlers of other
      # libraries around `Process._fork` run.
      #
      # @param start_timeout [Numeric, nil] seconds until the child must have reached the block, or it
      #   is killed (cause `:start_timeout`)
      # @param group [Boolean] make it the leader of a process group of its own
      # @param title [String, nil] what the child is called in the list of processes; nil = as its parent
      # @yieldparam child [Child] this slot, in the child's role
      # @return [self] as soon as there is a child
      # @raise [ForkError] when the system refuses
      # @raise [UnsafeForkError] in a signal handler, or beside other Ractors
      # @raise [Error] when the last child is still there
      def spawn(start_timeout: 10.0, group: true, title: nil, &block)
        raise ArgumentError, "spawn needs a block" unless block

        ForkGuard.call { fork_child(start_timeout, group, title, block) }
      end

      # @!method child?
      #   @return [Boolean] true in the spawned process only

      # @!method label
      #   @return [String, nil]

      # @!group Parent

      # @!method read(timeout = nil)
      #   The next record. In the child: of its inbox.
      #   @param timeout [Numeric, nil] seconds; nil = no limit
      #   @return [Array(Integer, Integer, Object)] kind, number, object
      #   @return [nil] the child is gone and everything it wrote was read; in the child: the inbox was
      #     closed
      #   @return [false] the time is up
      #   @raise [SerializationError] when the object cannot be rebuilt; the next call goes on after it
      #   @raise [RingCorrupted] when the memory holds what no child can have written
      #   @raise [ParentGone] in the child

      # @!method forward(outlet)
      #   In the parent: hands emissions to the outlet, until there is another record.
      #   @param outlet [Outlet]
      #   @return [Array(Integer, Integer, Object), nil] see {#read}
      # @!method take_forwarded
      #   @return [Integer] emissions that went there since this was asked last

      # @!method write(kind, number, object)
      #   Sends a record, and waits while there is no room for it.
      #   @param kind [Integer] 0...240
      #   @param number [Integer] 0...2**32
      #   @param object [Object]
      #   @yield in the parent, while it waits and there are records to read: the block reads them, so
      #     that neither side waits for the other
      #   @return [Boolean] false: there is nobody to read it
      #   @raise [SerializationError] when the object cannot be sent; nothing was sent
      #   @raise [ParentGone] in the child

      # @!method close_inbox
      #   No more records for the child: its {#read} returns nil after the last one.
      #   @return [nil]

      # @!method pid
      #   @return [Integer, nil] of the last child

      # @!method alive?
      #   @return [Boolean] is there a child that was not reaped yet?

      # @!method ready?
      #   @return [Boolean] has the child reached its block?

      # @!method ended?
      #   @return [Boolean] was END read (in the child: written)? The truth about a child, whatever its
      #     status says.

      # @!method status
      #   @return [Hash{Symbol => Object}, nil] nil while the child lives. `:exit` Integer or nil,
      #     `:signal` Integer or nil, `:peak_rss` bytes of memory that it had resident at most, or nil,
      #     `:unknown` true when another part of the program waited for the
      #     child, `:cause` why this library ended it: nil, `:start_timeout`, `:deadline`,
      #     `:terminated`

      # @!method cause
      #   @return [Symbol, nil] the `:cause` of {#status}, as soon as the child was told to end

      # @!method grace=(seconds)
      #   How long after TERM the child is killed when its deadline has passed: 5 seconds, unless
      #   said otherwise for this child.
      #   @param seconds [Numeric]

      # @!method deadline=(seconds)
      #   From then on the child is asked to end (TERM), and killed after the grace time.
      #   Does not depend on how busy this process is.
      #   @param seconds [Numeric, nil] from now; nil = no deadline

      # @!method time_item(item, seconds, start)
      #   A deadline for one item, in the place of any other: so many seconds after the child has
      #   started it ({#start_item}). While it has not, the time does not run, for as long as `start`.
      #   @param item [Integer] from 1, in the order in which the child starts them
      #   @param seconds [Numeric]
      #   @param start [Numeric] seconds
      #   @return [nil]

      # @!method terminate(grace: 5.0)
      #   Asks the child and its group to end (TERM), kills them after the grace time. Returns at once.
      #   @param grace [Numeric] seconds
      #   @return [nil]

      # @!method kill
      #   Kills the child and its group. Returns at once.
      #   @return [nil]

      # @!method join(timeout = nil)
      #   Waits until the child is reaped.
      #   @param timeout [Numeric, nil] seconds; nil = no limit
      #   @return [Boolean] false: the time is up

      # @!method drop
      #   Kills, waits, forgets unread records: the slot is free.
      #   @return [nil]

      # @!method close
      #   {#drop}, and gives the memory back. In another process than the parent only that.
      #   @return [nil]

      # @!method closed?
      #   @return [Boolean]

      # @!method emitted
      #   @return [Integer] records the child has written

      # @!method started
      #   @return [Integer] items the child has started

      # @!method finished
      #   @return [Integer] items the child has finished well

      # @!method failed
      #   @return [Integer] items the child has finished badly

      # @!method item_state(number)
      #   @param number [Integer] modulo 64
      #   @return [Integer] 0 not started, 1 started, 2 result written, 3 failure written

      # @!endgroup
      # @!group Child

      # @!method start_item(number)
      #   @return [nil]

      # @!method finish_item(number, success)
      #   To be called after the result was written.
      #   @return [nil]

      # @!method finish
      #   Writes END. Nothing can be written after it.
      #   @return [nil]

      # @!endgroup
    end
  end
end
