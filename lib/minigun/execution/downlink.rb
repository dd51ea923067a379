# frozen_string_literal: true

require_relative "../process_groups"
require_relative "deadline"
require_relative "held"
require_relative "out_of_memory"

module Minigun
  module Execution
    # The parent's end of the wire to one child at a time: starts it, routes what it sends while it
    # runs, and knows how its items ended.
    #
    # Of a stage with retries, what an item emits and adds to the user's instance is kept until the
    # item has ended well, and forgotten when it has not.
    #
    # @api private
    class Downlink
      # Bytes of a ring. Larger ones are slower: every page that is touched first costs a fault.
      RING = 1 << 20
      # Of a child that answers. Neither side gets far ahead of the other, and small items in a long row
      # would go once through every page.
      POOL_RING = 1 << 18
      KILL = Signal.list.fetch("KILL")
      private_constant :KILL

      # @param node [Flow::Node]
      # @param inbox [Boolean] is there a ring that carries items to the child?
      def initialize(node, inbox: false)
        @node = node
        @recovery = node.recovery
        @child = Native::Child.new(ring: inbox ? POOL_RING : RING, inbox: (POOL_RING if inbox), label: node.name.to_s)
        @deadline = Deadline.new(@child, @recovery)
        @held = Held.new if @recovery.hold?
        @forwards = @held.nil? && @recovery.timeout.nil? && node.direct?
        @title = "minigun:#{node.name}"
        @one_shot = !inbox
        @many = @one_shot && node.warmup?
        @spawned = false
        @pending = []
        @outcomes = {}
        @delivered = 0
        @oom_kills = OutOfMemory.kills
        begin_item(0)
      end

      # @return [Native::Child] the slot, whose other end is the child's
      def channel = @child

      # Forks a child.
      #
      # The hooks and the fork are one step for the run: hooks of two slots would otherwise mix.
      #
      # @param main [Proc] what the child does
      def spawn(&main)
        @pending.clear
        @outcomes.clear
        @delivered = 0
        begin_item(0)
        @node.exclusively do
          Rehearsal.once(@node)
          @node.work.rehearse
          @node.work.run_hooks(:before_fork)
          @child.spawn(group: Minigun.process_groups, start_timeout: @recovery.spawn_timeout, title: @title, &main)
          @spawned = true
        end
        # A child for one item has it already.
        @deadline.start(1) if @one_shot
        Native.ease_forks(@child) if @many
      end

      # @return [Integer] emissions that were routed: of the item whose outcome was asked for last, or
      #   that the child works on
      def delivered = @answered || @delivered

      # @return [Boolean] has there been a child?
      def spawned? = @spawned

      # @return [Boolean] is there a child that may take an item?
      def running? = @child.alive? && !@child.ended?

      # Sends an item; what the child sends meanwhile is routed.
      #
      # @param attempt [Integer]
      # @return [Integer, nil] its sequence number; nil when the child is gone
      # @raise [SerializationError] when the item cannot travel
      def write(item, attempt)
        sequence = @sequence + 1
        kind, payload = attempt == 1 ? [Record::ITEM, item] : [Record::ITEM_AGAIN, [attempt, item]]
        return unless @child.write(kind, sequence, payload) { pump(0) }

        begin_item(sequence)
        @deadline.start(sequence)
        sequence
      end

      # Routes what the child sends until the item has an outcome.
      # @return [Array, nil] `[:done, seconds]`, `[:failed, seconds, error]`; nil = the child is gone
      def await(sequence)
        @answered = nil
        nil until @outcomes.key?(sequence) || pump.nil?
        outcome, @answered = @outcomes.delete(sequence)
        outcome
      ensure
        @deadline.stop
      end

      # Takes a record that somebody else has read.
      #
      # @param kind [Integer] a {Record}
      # @param number [Integer] of the item whose outcome it is
      # @return [Array, nil] see {#await}; nil when it is no outcome
      def receive(kind, number, object)
        dispatch(kind, number, object)
        @outcomes.delete(number)&.first
      end

      # Routes until the child is gone.
      # @return [void]
      def drain
        nil until pump.nil?
      end

      # @return [Boolean] had the child begun with this item?
      def started?(sequence) = @child.started >= sequence

      # @return [Boolean] was the child told to end because its time was up?
      def overdue? = @deadline.missed?

      # @param outcome [Array, nil] of an item that did not end well
      # @return [Exception] why
      def error(outcome)
        pid = @child.pid
        case @child.cause
        when :deadline then WorkerTimeout.new(pid: pid, seconds: @recovery.timeout, stage: @node.name)
        when :start_timeout then WorkerStartTimeout.new(pid: pid, seconds: @recovery.spawn_timeout, stage: @node.name)
        else outcome ? outcome.last : death
        end
      end

      # No more items for this child.
      def close_inbox = @child.close_inbox

      # Sends TERM to the child, and KILL after a while.
      def terminate = @child.terminate

      # Ends the child at once, whatever it does.
      def drop = @child.drop

      # The same, and gives the memory back.
      def close
        @child.close
      ensure
        @held&.close
      end

      private

      # What is known of a child that ended without an outcome.
      def death
        status = @child.status || {}
        WorkerDied.new(pid: @child.pid, signal: status[:signal], exit_code: status[:exit], stage: @node.name,
                       peak_rss: status[:peak_rss], out_of_memory: status[:signal] == KILL && out_of_memory?)
      end

      # Has the kernel ended a process for want of memory since this was asked last?
      def out_of_memory?
        before = @oom_kills
        @oom_kills = OutOfMemory.kills
        before && @oom_kills ? @oom_kills > before : false
      end

      def begin_item(sequence)
        @sequence = sequence
        @answered = nil
        @held&.clear
        @phase = @held ? :hold : :deliver
      end

      # @return [true, false, nil] nil = gone and everything read; false = timeout
      def pump(timeout = nil)
        record = @forwards && timeout.nil? ? forward : @child.read(timeout)
        return record unless record

        dispatch(*record)
        true
      rescue SerializationError => e
        lost(["(unknown)", ErrorRecord.dump(e)])
        true
      rescue RingCorrupted
        @child.kill
        @child.drop
        raise
      end

      # Emissions that need nothing but to be handed over do not come here.
      # @return [Array, nil] see {Native::Child#read}
      def forward
        @child.forward(@node.outlet)
      ensure
        @delivered += @child.take_forwarded
      end

      def dispatch(kind, aux, object)
        case kind
        when Record::EMIT, Record::EMIT_TO, Record::LOST then emission(kind, object)
        when Record::STATE then @pending << object
        when Record::DONE then settle(aux, [:done, object])
        when Record::FAILED then settle(aux, [:failed, object[0], ErrorRecord.load(object[1])])
        when Record::COMMIT then merge_pending
        when Record::WARNING then @node.warn_once(*object)
        when Record::STOP then @node.stop!(object)
        when Record::MEMORY then @node.stats.add_child_memory(object)
        end
      end

      # @param kind [Integer] EMIT, EMIT_TO or LOST
      def emission(kind, object)
        case @phase
        when :hold then @held.add(kind, object)
        when :deliver then waits? ? @deadline.suspend { deliver(kind, object) } : deliver(kind, object)
        end
      end

      # Might time that a child has for its item be spent waiting for room elsewhere?
      def waits? = @recovery.timeout && @node.congested?

      def deliver(kind, object)
        return lost(object) if kind == Record::LOST

        @delivered += 1
        kind == Record::EMIT ? @node.route(object) : @node.route_to(object[0], object[1])
      end

      def lost(object)
        return @held.add(Record::LOST, object) if @phase == :hold

        @node.emission_failed(object[0], ErrorRecord.load(object[1]))
      end

      # Whatever an item added is merged with its outcome, so a death in between leaves nothing half
      # done.
      def settle(sequence, outcome)
        @deadline.stop
        @outcomes[sequence] = [outcome, @delivered]
        @delivered = 0
        return merge_pending unless @held

        # What a child of several items sends after this one belongs to no item; what a child of one
        # item sends after it has failed belongs to it.
        @phase = :deliver
        return release if outcome.first == :done

        @held.clear
        @pending.clear
        @phase = :forget if @one_shot
      end

      def release
        @held.each { |kind, object| deliver(kind, object) }
        merge_pending
      end

      def merge_pending
        @pending.each { |variable, change| @node.merge(variable, change) } unless @phase == :forget
        @pending.clear
      end
    end
  end
end
