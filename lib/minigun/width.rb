# frozen_string_literal: true

module Minigun
  # The rule for every number that says how many: positive Integers.
  module Width
    module_function

    # @param label [String, Symbol] what the number was given to, for the message
    # @param value [Integer, nil]
    # @param minimum [Integer]
    # @return [Integer, nil] the value; nil means "the default" and is let through
    # @raise [ArgumentError] for anything else
    def check(label, value, minimum: 1)
      return value if value.nil? || (value.is_a?(Integer) && value >= minimum)

      raise ArgumentError, "#{label} must be an Integer of at least #{minimum}, got #{value.inspect}"
    end

    # The same, where nil has no meaning.
    # @param (see check)
    # @return [Integer]
    # @raise [ArgumentError]
    def require(label, value, minimum: 1)
      return check(label, value, minimum: minimum) unless value.nil?

      raise ArgumentError, "#{label} must be an Integer of at least #{minimum}, got nil"
    end
  end
end
