# frozen_string_literal: true

module Minigun
  module Execution
    # How many items a child may be given at once: as many as it is likely to be through with in
    # {PATIENCE}, so that no item waits for longer behind others while another child is idle. What
    # its items have taken of late says what is likely: one that took long counts at once, shorter
    # ones little by little.
    #
    # @api private
    class Window
      # Seconds.
      PATIENCE = 0.001
      # Items, however short they are.
      MOST = 64
      # What the latest of several short items counts.
      WEIGHT = 0.2
      private_constant :PATIENCE, :MOST, :WEIGHT

      # @return [Integer] 1 as long as nothing is known
      def size
        return 1 unless @seconds

        @seconds * MOST < PATIENCE ? MOST : [(PATIENCE / @seconds).to_i, 1].max
      end

      # @param seconds [Float, nil] that an item took; nil: its child died
      def took(seconds)
        @seconds = seconds && @seconds && seconds < @seconds ? @seconds + ((seconds - @seconds) * WEIGHT) : seconds
      end
    end
  end
end
