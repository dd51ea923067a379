# frozen_string_literal: true

module Minigun
  class Flow
    # The failures of one run. Counts are exact; the details of the first ones are kept.
    #
    # @api private
    class Ledger
      # Failures kept in detail.
      LIMIT = 1_000

      # @return [Array<Failure>] the first {LIMIT} failures
      attr_reader :failures

      # @return [Integer] items that failed
      attr_reader :failed

      def initialize
        @mutex = Thread::Mutex.new
        @failures = []
        @failed = 0
        @warned = {}
      end

      # @param failure [Failure]
      def add(failure)
        @mutex.synchronize do
          @failed += failure.count
          @failures << failure if @failures.size < LIMIT
        end
      end

      # @return [Boolean] true for the first call with this key
      def first_time?(key)
        @mutex.synchronize { @warned.key?(key) ? false : @warned[key] = true }
      end
    end
  end
end
