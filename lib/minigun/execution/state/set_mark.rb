# frozen_string_literal: true

module Minigun
  module Execution
    module State
      # The elements of a Set at one moment; of a large one only their number.
      #
      # @api private
      class SetMark
        # @return [Set]
        attr_reader :object

        # @param set [Set]
        def initialize(set)
          @object = set
          @size = set.size
          @kept = set.dup unless @size > LARGE
        end

        # What was added since the last call.
        #
        # @yieldparam kind [Symbol]
        # @yieldparam reason [String] why something is not merged
        # @return [Array, nil]
        def change(&problem)
          added = @kept ? compared(&problem) : counted(&problem)
          @size = object.size
          [:set, added] unless added.empty?
        end

        private

        def compared
          added = object.reject { |element| @kept.include?(element) }
          removed = @kept.size + added.size - object.size
          if removed.positive?
            yield :removed, "elements were removed"
            @kept.select! { |element| object.include?(element) }
          end
          @kept.merge(added)
          added
        end

        # A Set keeps the order of insertion: what was added stands at the end.
        def counted
          return object.to_a.last(object.size - @size) if object.size > @size

          yield :removed, "elements were removed" if object.size < @size
          []
        end
      end
    end
  end
end
