# frozen_string_literal: true

module Minigun
  module Native
    # Tells at little cost that the containers of a user's object are what they were, where that can be told:
    # of Arrays by their length and the elements that {Execution::State::ArrayMark} looks at, of small Hashes
    # without containers in them by keys and values. What it is not sure of it calls changed.
    #
    # @api private
    class Watch
      # @!method initialize(object, containers)
      #   @param object [Object]
      #   @param containers [Hash{Symbol => Array, Hash, Set}] by instance variable

      # @!method mark
      #   Remembers what the containers hold.
      #   @return [self]

      # @!method quiet?
      #   @return [Boolean] is it certain that nothing has changed since then?
    end
  end
end
