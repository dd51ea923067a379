# frozen_string_literal: true

require_relative "../execution/throttle"
require_relative "../stage/limits"
require_relative "sequence"

module Minigun
  class Flow
    # Pace, number and order that a stage's {Limits} ask for. They hold over all of its nodes.
    #
    # @api private
    module Governor
      # @param nodes [Array<Node>] of one stage
      # @param width [Integer] items that they work on at once
      # @param in_flight [InFlight]
      # @return [Array<Node>] the same
      def self.over(nodes, width, in_flight)
        options = nodes.first.stage.options
        throttle = Execution::Throttle.of(options)
        window = Limits.window(options, width)
        sequence = Sequence.new(window, in_flight) if window
        nodes.each do |node|
          node.throttle = throttle
          node.sequence = sequence
        end
      end
    end
  end
end
