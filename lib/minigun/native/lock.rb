# frozen_string_literal: true

module Minigun
  module Native
    # A mutex that this process and its forked children share. It belongs to the thread that locked it
    # and is not recursive. When its owner dies the next to lock it gets it, and is told so.
    class Lock
      # @!method lock(timeout = nil)
      #   @param timeout [Numeric, nil] seconds; nil = no limit
      #   @return [:ok] locked
      #   @return [:owner_dead] locked; the last owner died with it, so what it guards may be half
      #     changed
      #   @return [nil] the time is up
      #   @raise [ThreadError] when this thread holds it

      # @!method try_lock
      #   @return [:ok, :owner_dead, nil] nil = somebody holds it

      # @!method unlock
      #   @return [self]
      #   @raise [ThreadError] when this thread does not hold it

      # @!method synchronize(timeout = nil)
      #   Runs the block with the lock held.
      #   @param timeout [Numeric, nil] seconds; nil = no limit
      #   @yieldparam how [:ok, :owner_dead]
      #   @return [Object, nil] the block's value; nil when the time is up
      #   @raise (see #lock)

      # @!method owned?
      #   @return [Boolean] does this thread hold it?
    end
  end
end
