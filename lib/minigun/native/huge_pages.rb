# frozen_string_literal: true

module Minigun
  module Native
    # Lets the forks of a process with much memory have less to copy, for which its memory has to be
    # moved once. That takes as long as tens of forks, so it is done in steps, while a child that was just
    # forked begins: then its parent has nothing to do. A step takes as long as the fork did, and no longer
    # than the child lives, so whoever forks a few times loses little by it, and whoever forks often has it
    # behind soon.
    #
    # @api private
    module HugePages
      # Seconds. What is longer was not the fork: hooks of other libraries, or other forks.
      MOST = 0.05
      private_constant :MOST

      @fork = 0.0

      class << self
        # To be called after a fork that others follow.
        # @param child [Child] that it has made: when this is gone there is something to do
        # @return [void]
        def step(child) = Native.huge_pages(@fork, child)

        # @yield forks
        # @return [Object] the block's value
        def time
          began = Minigun.monotonic_time
          value = yield
          @fork = (Minigun.monotonic_time - began).clamp(0.0, MOST)
          value
        end
      end
    end

    private_constant :HugePages
  end
end
