# frozen_string_literal: true

require_relative "../process_groups"
require_relative "out_of_memory"

module Minigun
  module Execution
    # The parent's end of the wire to one child at a time: starts it, routes what it sends while it
    # runs, and knows how its items ended.
    #
    # @api private
    class Downlink
      # Bytes of a ring. Larger ones are slower: every page that is touched first costs a fault.
      RING = 1 << 20
      KILL = Signal.list.fetch("KILL")
      private_constant :KILL

      # @return [Integer] emissions routed since the last item was handed to a child
      attr_reader :delivered

      # @param node [Flow::Node]
      # @param inbox [Integer, nil] bytes of the ring that carries items to the child
      def initialize(node, inbox: nil)
        @node = node
        @child = Native::Child.new(ring: RING, inbox: inbox, label: node.name.to_s)
        @spawned = false
        @delivered = 0
        @oom_kills = OutOfMemory.kills
        @pending = []
        @outcomes = {}
        @sequence = 0
      end

      # Forks a child. The block runs in it, with the child's end.
      #
      # The hooks and the fork are one step for the run: hooks of two slots would otherwise mix.
      def spawn(&main)
        @pending.clear
        @outcomes.clear
        @sequence = @delivered = 0
        @node.exclusively do
          @node.work.run_hooks(:before_fork)
          @child.spawn(group: Minigun.process_groups, &main)
          @spawned = true
        end
      end

      # @return [Boolean] has there been a child?
      def spawned? = @spawned

      # @return [Boolean] is there a child that may take an item?
      def running? = @child.alive? && !@child.ended?

      # Sends an item; what the child sends meanwhile is routed.
      #
      # @return [Integer, nil] its sequence number; nil when the child is gone
      # @raise [SerializationError] when the item cannot travel
      def write(item)
        sequence = @sequence + 1
        return unless @child.write(Record::ITEM, sequence, item) { pump(0) }

        @delivered = 0
        @sequence = sequence
      end

      # Routes what the child sends until the item has an outcome.
      # @return [Array, nil] `[:done, seconds]`, `[:failed, seconds, error]`; nil = the child is gone
      def await(sequence)
        until (outcome = @outcomes.delete(sequence))
          return @outcomes.delete(sequence) if pump.nil?
        end
        outcome
      end

      # Routes until the child is gone.
      # @return [void]
      def drain
        nil until pump.nil?
      end

      # @return [Boolean] had the child begun with this item?
      def started?(sequence) = @child.started >= sequence

      # @return [WorkerDied] what is known of a child that ended without an outcome
      def death
        status = @child.status || {}
        WorkerDied.new(pid: @child.pid, signal: status[:signal], exit_code: status[:exit], stage: @node.name,
                       out_of_memory: status[:signal] == KILL && out_of_memory?)
      end

      # No more items for this child.
      def close_inbox = @child.close_inbox

      # Sends TERM to the child, and KILL after a while.
      def terminate = @child.terminate

      # Ends the child at once, whatever it does, and gives the memory back.
      def close = @child.close

      private

      # Has the kernel ended a process for want of memory since this was asked last?
      def out_of_memory?
        before = @oom_kills
        @oom_kills = OutOfMemory.kills
        before && @oom_kills ? @oom_kills > before : false
      end

      # @return [true, false, nil] nil = gone and everything read; false = timeout
      def pump(timeout = nil)
        record = @child.read(timeout)
        return record unless record

        dispatch(*record)
        true
      rescue SerializationError => e
        @node.emission_failed("(unknown)", e)
        true
      rescue RingCorrupted
        @child.kill
        @child.drop
        raise
      end

      def dispatch(kind, aux, object)
        case kind
        when Record::EMIT then deliver { @node.route(object) }
        when Record::EMIT_TO then deliver { @node.route_to(object[0], object[1]) }
        when Record::STATE then @pending << object
        when Record::DONE then settle(aux, [:done, object])
        when Record::FAILED then settle(aux, [:failed, object[0], ErrorRecord.load(object[1])])
        else dispatch_rare(kind, object)
        end
      end

      def deliver
        @delivered += 1
        yield
      end

      def dispatch_rare(kind, object)
        case kind
        when Record::COMMIT then merge_pending
        when Record::WARNING then @node.warn_once(*object)
        when Record::LOST then @node.emission_failed(object[0], ErrorRecord.load(object[1]))
        end
      end

      # Whatever an item added is merged with its outcome, so a death in between leaves nothing half
      # done.
      def settle(sequence, outcome)
        merge_pending
        @outcomes[sequence] = outcome
      end

      def merge_pending
        @pending.each { |variable, change| @node.merge(variable, change) }
        @pending.clear
      end
    end
  end
end
