# frozen_string_literal: true

module Minigun
  # The ways in which the library logs besides `info` and `error`.
  #
  # @api private
  module Log
    # @param text [String] goes to `error` of a logger that has no `warn`
    # @return [void]
    def self.warn(text)
      logger = Minigun.logger
      logger.respond_to?(:warn) ? logger.warn(text) : logger.error(text)
    end
  end
end
