# frozen_string_literal: true

module Minigun
  class Flow
    # The failures of one run: the first ones, in detail. (The {Stats} of the stages count them all.)
    #
    # @api private
    class Ledger
      # Failures kept in detail.
      LIMIT = 1_000

      # @return [Array<Failure>] the first {LIMIT} failures
      attr_reader :failures

      def initialize
        @mutex = Thread::Mutex.new
        @failures = []
        @warned = {}
      end

      # @param failure [Failure]
      def add(failure)
        @mutex.synchronize { @failures << failure if @failures.size < LIMIT }
      end

      # @return [Boolean] true for the first call with this key
      def first_time?(key)
        @mutex.synchronize { @warned.key?(key) ? false : @warned[key] = true }
      end
    end
  end
end
