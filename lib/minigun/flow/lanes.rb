# frozen_string_literal: true

module Minigun
  class Flow
    # A wide stage behind a router: a node of one slot for each of its slots, so that an item can be given
    # to a certain one. What comes past the router goes to the one that has least to do.
    #
    # @api private
    class Lanes
      # @return [Array<Node>]
      attr_reader :parts

      # @param parts [Array<Node>] with the same name, work and statistics
      def initialize(parts)
        @parts = parts
      end

      # @return [Symbol]
      def name = @parts.first.name

      # @return [Stage]
      def stage = @parts.first.stage

      # @return [String]
      def inspect = "#<#{self.class} #{name.inspect}>"

      # @return [false]
      def producer? = false

      # @return [Integer]
      def order = @parts.map(&:order).min

      # @return [Boolean]
      def full? = @parts.all?(&:full?)

      # @return [Node] the part with the fewest items
      def least_busy = @parts.min_by(&:waiting)
    end
  end
end
