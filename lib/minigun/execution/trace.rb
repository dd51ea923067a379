# frozen_string_literal: true

module Minigun
  module Execution
    # What is still to be done for one item of a producer, or for a batch of what has become of several. It
    # has a unit for everything that waits or is worked on because of it. When the last one is given back, a
    # batch gives back a unit of each of its origins, and the item is finished.
    #
    # Which one is being worked on is known by the slot's thread.
    #
    # @api private
    class Trace
      VARIABLE = :__minigun_trace
      private_constant :VARIABLE

      class << self
        # @param thread [Thread]
        # @return [Trace, nil] of what this thread works on
        def of(thread) = thread.thread_variable_get(VARIABLE)

        # @return [Trace, nil]
        def current = of(Thread.current)

        # Runs the block for what this traces.
        # @param trace [Trace, nil]
        def within(trace)
          thread = Thread.current
          outer = of(thread)
          begin
            thread.thread_variable_set(VARIABLE, trace)
            yield
          ensure
            thread.thread_variable_set(VARIABLE, outer)
          end
        end
      end

      # @return [Integer] units; whoever makes it has the first
      attr_accessor :units
      # @return [Array<Trace>] of which it has a unit each
      attr_reader :origins
      # @return [Flow::Progress, nil] of the producer whose item it is
      attr_reader :progress
      # @return [Integer, nil] of that item
      attr_reader :position

      # @param origins [Array<Trace>]
      # @param progress [Flow::Progress, nil]
      # @param position [Integer, nil]
      def initialize(origins: [], progress: nil, position: nil)
        @units = 1
        @origins = origins
        @progress = progress
        @position = position
      end
    end
  end
end
