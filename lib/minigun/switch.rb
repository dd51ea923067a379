# frozen_string_literal: true

module Minigun
  # The rule for values that are true or false, where anything else is a mistake.
  #
  # @api private
  module Switch
    module_function

    # @param label [Symbol] what the value was given to, for the message
    # @param value [Boolean]
    # @return [Boolean] the value
    # @raise [ArgumentError] for anything else
    def require(label, value)
      return value if [true, false].include?(value)

      raise ArgumentError, "#{label} must be true or false, got #{value.inspect}"
    end
  end
  private_constant :Switch
end
