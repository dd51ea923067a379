# frozen_string_literal: true

module Minigun
  # @return [Float] seconds of a clock that never jumps
  # @api private
  def self.monotonic_time = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
