# frozen_string_literal: true

require_relative "../failure"
require_relative "../log"
require_relative "../suggestion"

module Minigun
  class Flow
    # What of a run goes into its {Ledger} and into the log.
    #
    # @api private
    module Reporting
      # @param details [Hash] `count`, `attempt` and `delivered` of the {Failure}
      def record_failure(node, item, error, **details)
        description = Failure.describe(item)
        enter(node, description, error, **details)
        log_error(node, node.producer? ? "producer failed" : "item #{description} failed", error)
      end

      def attempt_failed(node, item, error, attempt)
        Log.warn("#{prefix(node)} item #{Failure.describe(item)}, attempt #{attempt} failed: " \
                 "#{error.message} (#{error.class}); trying again")
      end

      def record_lost_emission(node, description, error)
        enter(node, description, error, count: 1)
        log_error(node, "an emitted item was lost", error)
      end

      # @param type [Symbol]
      def hook_failed(node, type, error) = log_error(node, "#{type} hook failed", error)

      def unknown_target(node, name, item)
        hint = Suggestion.for(name, node.directory.keys) if @ledger.first_time?([:unknown_target, node, name])
        Minigun.logger.error("#{prefix(node)} emit_to_stage: unknown stage #{name.inspect}, " \
                             "item #{Failure.describe(item)} dropped.#{hint}")
        nil
      end

      def warn_once(key, message)
        Log.warn("#{@prefix}#{message}") if @ledger.first_time?(key)
      end

      private

      def enter(node, description, error, count:, attempt: 1, delivered: 0)
        @ledger.add(Failure.new(stage: node.name, item: description, error: error, count: count,
                                attempt: attempt, delivered: delivered))
      end

      def log_error(node, what, error)
        trace = error.backtrace&.first(10)&.join("\n  ")
        Minigun.logger.error("#{prefix(node)} #{what}: #{error.message} (#{error.class})#{"\n  #{trace}" if trace}")
      end

      def prefix(node)
        "#{@prefix}[#{node.producer? ? "Producer" : "Stage"}:#{node.name}]"
      end
    end
  end
end
