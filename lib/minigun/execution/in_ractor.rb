# frozen_string_literal: true

require_relative "local"
require_relative "ractor_link"

module Minigun
  module Execution
    # Runs a stage's block in the Ractor of this slot; in the slot's thread what no Ractor can do.
    #
    # @api private
    class InRactor
      # @param node [Flow::Node]
      # @param local [Local] for the threads
      def initialize(node, local = Local.new(node))
        @node = node
        @gate = node.ractor_gate
        @local = local
        @link = RactorLink.new(node)
      end

      # @param item [Object]
      # @return [void]
      def call(item)
        outcome = attempt(item) if @gate.open?
        outcome ? conclude(item, outcome) : @local.call(item)
      end

      # Asks the block to end. What it has emitted is still routed.
      #
      # @return [Boolean] false when no Ractor is at work
      def stop = @link.stop

      # @see Local#streams?
      def streams? = false

      # Waits until the Ractor is gone.
      def close
        @link.close
        @local.close
      end

      # Ends the Ractor, whatever it does.
      def abort = @link.abort

      # @return [Hash] see {Local#share_of}
      def share_of(item) = @local.share_of(item)

      private

      # @return [Array, nil] an outcome; nil when the item needs a thread
      def attempt(item)
        bytes = dump(item)
        return unless bytes && open_link

        @link.call(bytes) || [:failed, 0, ended, false, 0]
      rescue StandardError => e
        [:failed, 0, e, false, 0]
      end

      def dump(item)
        Marshal.dump(item)
      rescue StandardError => e
        @node.warn_once(:ractor_items, "an item stays out of Ractors and is worked on in a thread: #{e.message}")
        nil
      end

      def open_link
        @link.open unless @link.open?
        true
      rescue ThreadError, SystemCallError => e
        @gate.shut("no Ractor could be started (#{e.message})")
        false
      end

      def ended
        Error.new("the block of stage #{@node.name.inspect} ended its thread")
      end

      # What is no StandardError ends the run, as from any thread.
      def conclude(item, outcome)
        how, seconds, error, foreign, emitted = outcome
        return @node.finished(item, seconds) if how == :done
        return give_up(item, error, emitted) if foreign
        raise error unless standard?(error)

        @node.failed(item, error, delivered: emitted)
      end

      def standard?(error)
        error.is_a?(RemoteError) ? error.standard? : error.is_a?(StandardError)
      end

      # The block needs what no Ractor may touch. As long as it has emitted nothing, it starts again in a
      # thread.
      def give_up(item, error, emitted)
        @gate.shut("its block #{error.is_a?(RactorScope::Unsendable) ? error.message : "raised #{error.inspect}"}")
        @link.close
        emitted.zero? ? @local.call(item) : @node.failed(item, error, delivered: emitted)
      end
    end

    # Runs a stage's block in a fresh Ractor for each item.
    #
    # @api private
    class RactorPerBatch < InRactor
      def initialize(node)
        super(node, ThreadPerBatch.new(node))
      end

      def call(item)
        super
      ensure
        close
      end
    end
  end
end
