# frozen_string_literal: true

module Minigun
  module Native
    # A clock that gives each caller, in this process and its forked children, a time of its own to start.
    class Rate
      # @!method initialize(interval, burst)
      #   @param interval [Integer] nanoseconds between two starts
      #   @param burst [Integer] starts that may follow each other at once after a pause
      #   @raise [RingAllocError] when the system refuses the memory

      # @!method wait
      #   Takes the next place, and waits until it is due. One that is not used (the thread was
      #   interrupted, the process killed) stays empty.
      #   @return [nil]
    end
  end
end
