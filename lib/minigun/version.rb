# frozen_string_literal: true

module Minigun
  # @return [String] the version of the gem
  VERSION = "0.1.0"
end
