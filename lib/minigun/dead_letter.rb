# frozen_string_literal: true

module Minigun
  # An item that failed for good, on its way to the stage that `dead_letter` names.
  #
  # @!attribute [r] item
  #   @return [Object] the item itself; an Array when a whole batch failed; of an emission that could not
  #     leave a child only a description
  # @!attribute [r] error
  #   @return [Exception] of the last attempt
  # @!attribute [r] stage
  #   @return [Symbol] where it failed
  # @!attribute [r] attempts
  #   @return [Integer]
  DeadLetter = Struct.new(:item, :error, :stage, :attempts, keyword_init: true)
end
