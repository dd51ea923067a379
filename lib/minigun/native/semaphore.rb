# frozen_string_literal: true

module Minigun
  module Native
    # Permits that this process and its forked children share. Each belongs to the thread that acquired it;
    # those of a dead process are there for others.
    class Semaphore
      # @!method initialize(permits)
      #   @param permits [Integer] 1..100,000
      #   @raise [RingAllocError] when the system refuses the memory

      # @!method acquire(timeout = nil)
      #   @param timeout [Numeric, nil] seconds; nil = no limit
      #   @return [:ok] acquired
      #   @return [:owner_dead] acquired; the last holder died with it
      #   @return [nil] the time is up
      #   @raise [ThreadError] when this thread holds all of them and there is no limit

      # @!method try_acquire
      #   @return [:ok, :owner_dead, nil] nil = there is none

      # @!method release
      #   @return [self]
      #   @raise [ThreadError] when this thread holds none

      # @!method synchronize(timeout = nil)
      #   Runs the block with a permit.
      #   @param timeout [Numeric, nil] seconds; nil = no limit
      #   @yieldparam how [:ok, :owner_dead]
      #   @return [Object, nil] the block's value; nil when the time is up
      #   @raise (see #acquire)

      # @!method available
      #   @return [Integer]

      # @!method permits
      #   @return [Integer]
    end
  end
end
