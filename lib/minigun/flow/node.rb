# frozen_string_literal: true

module Minigun
  class Flow
    # One stage in one run: its inbox, its slots, and where its emissions go.
    #
    # @api private
    class Node
      include Deliveries
      include Outcomes
      include Staffing

      # Items that may wait for a stage.
      CAPACITY = 256
      # Of those that come and go by the thousand within milliseconds.
      MOST = 8192
      # Batches are large: few of them wait, relative to the width that works on them.
      BATCHES_PER_SLOT = 2

      # Where an emission goes: a node's inbox, and the pipeline stages it enters on the way.
      Target = Struct.new(:node, :entered)

      # @return [Symbol] the stage's name
      attr_reader :name
      # @return [Stage]
      attr_reader :stage
      # @return [Execution::Work]
      attr_reader :work
      # @return [Stats]
      attr_reader :stats
      # @return [Execution::Kind]
      attr_reader :kind
      # @return [Recovery]
      attr_reader :recovery
      # @return [BatchBuffer, nil]
      attr_reader :buffer
      # @return [Native::Tally] counts what is in the inbox as accepted
      attr_reader :arrivals
      # @return [Integer] position in the topological order
      attr_accessor :order
      # @return [Array<Target>]
      attr_accessor :targets
      # @return [Array<Stats>] of the pipeline stages that an emission leaves
      attr_accessor :exits
      # @return [Array<Stats>] of the pipeline stages around the stage; its failures are theirs, too
      attr_accessor :enclosing
      # @return [Hash{Symbol => Array<Target>}] what `emit_to_stage` reaches, by name
      attr_accessor :directory
      # @return [Node, nil] where full batches are worked on, when the accumulator has a context
      attr_accessor :batch_node
      # @return [Execution::Throttle, nil]
      attr_accessor :throttle
      # @return [Aftermath, nil] what follows when an item has failed
      attr_accessor :aftermath
      # @return [Sequence, nil] of an ordered stage
      attr_accessor :sequence
      # @return [Execution::BatchWork, nil] the accumulator's block, when it runs in place
      attr_accessor :batch_work
      # @return [Router, nil] chooses among the targets for each item
      attr_accessor :router

      # @param batch_block [Boolean] works on the batches of an accumulator that counts the items
      # @param recovery [Recovery]
      # @param lanes [Integer] nodes that share the work, see {Lanes}
      def initialize(flow, stage, work:, stats:, kind:, producer: false, buffer: nil, batch_block: false,
                     recovery: Recovery.new, lanes: 1)
        @flow = flow
        @stage = stage
        @name = stage.name
        @work = work
        @stats = stats
        @kind = kind
        @producer = producer
        @buffer = buffer
        @batch_block = batch_block
        @recovery = recovery
        # The items of a batch have arrived at the accumulator.
        @arrivals = batch_block ? Native::Tally.new(nil, 0) : stats.tally
        @targets = @exits = @enclosing = [].freeze
        @outlets = {}
        @target_outlets = {}.compare_by_identity
        @slots = []
        @lanes = lanes
        @slot_turn = Thread::Mutex.new
        @arriving = false
        @pid = Native.pid
        @discarding = false
      end

      # @return [Boolean] is this a copy in a process that a block has forked itself?
      def foreign? = Native.pid != @pid

      # @return [Boolean]
      def producer? = @producer

      # @return [Boolean] does it take items, one by one, and only that?
      def plain? = direct? && !(@producer || @buffer || @batch_block)

      # @return [Boolean] does what children add to the user's instance stay with them?
      def isolated?
        @stage.options[:isolate] || @stage.execution_context&.fetch(:isolate, false) || @flow.isolated?
      end

      # Gives the node its inbox and first slot. A wide stage's other slots start with the work.
      def open(batches:)
        @inbox = batches ? Inbox.new([BATCHES_PER_SLOT * kind.width, 4].max) : Inbox.new(CAPACITY, MOST)
        start_slot unless producer?
      end

      # @param node [Node, Lane] what the slot has for a node
      # @return [Object] {Execution::Local} or a sibling, one for each slot
      def new_executor(node = self)
        return Execution::Batching.new(node) if buffer

        case kind.name
        when :fork then Execution::Forked.new(node)
        when :pool then pool_executor(node)
        when :thread_per_batch then Execution::ThreadPerBatch.new(node)
        when :ractor then Execution::InRactor.new(node)
        when :ractor_per_batch then Execution::RactorPerBatch.new(node)
        else Execution::Local.new(node)
        end
      end

      # @return [Integer, nil] threads of each child that work on the elements of its items
      def item_threads
        @stage.options[:threads] if kind.process? && !@batch_block
      end

      # @return [Boolean] is an item that comes to the stage one, and no batch of some?
      def singles? = !@batch_block

      # @return [Integer] slots
      def width = kind.width

      # @return [Array<Node>] where its items go
      def successors = [*targets.flat_map { |target| target.node.parts }, batch_node].compact

      # Lets the items that wait, and that will still come, go without being worked on.
      def discard
        @discarding = true
        @inbox&.discard
      end

      # @return [Boolean]
      def discarding? = @discarding

      # Drops what an accumulator has gathered.
      def forget_batches
        buffer.close
        buffer.take while buffer.leaving?
      end

      # @return [Execution::RactorGate] one for all slots
      def ractor_gate
        @slot_turn.synchronize { @ractor_gate ||= Execution::RactorGate.new(self) }
      end

      # Has a stage of Ractors run in threads.
      def without_ractors
        @kind = kind.without_ractors
      end

      # Puts an item into the inbox, whether there is room or not. It is counted as in flight already.
      def push(item)
        @inbox.push(item, force: true)
      end

      # @return [Boolean] might an emission have to wait for room?
      def congested? = @targets.any? { |target| target.node.full? }

      # @return [Array<Node>] see {Lanes}
      def parts = @parts ||= [self].freeze

      # @see Lanes#least_busy
      def least_busy = self

      # @return [Integer] items in the inbox
      def waiting = @inbox.size

      # @return [Boolean] is there no room in the inbox?
      def full? = @inbox.full?

      # @return [Object] the next item, or {Inbox::CLOSED}
      def pop = @inbox.pop

      # No more items will come.
      def close = @inbox.close

      # @return [Integer, nil] items that will never be worked on; nil when it was never opened
      def abandon = @inbox&.abandon

      # @return [Proc] what delivers an emission, to be called later, perhaps by another thread
      def held(delivery, _scope = nil) = delivery

      # @return [Boolean] is it known of each item what it was emitted for?
      def traced? = false

      # An item was put into a batch; the item that was put in last was taken out again.
      def gathered(batch); end
      alias withdrawn gathered

      # Runs the block, which hands the batch on.
      def releasing(_batch) = yield

      # @param time [Float] when a batch of the accumulator has waited long enough
      def wake_at(time) = @flow.timer.wake(self, time)

      # @see Flow#stop_early
      def stop!(value) = @flow.stop_early(self, value)

      # @return [Native::Stream, Native::Gatherer] for the thread that calls
      def stream
        return Native::Stream.new(self, @inbox, @flow.in_flight, @stats.tally) unless buffer

        Native::Gatherer.new(@inbox, @flow.in_flight, @stats.tally, Execution::Batching::FLUSH)
      end

      # @return [Native::Relay] for the thread that calls
      def relay = Native::Relay.new(self, @inbox, @flow.in_flight, @stats.tally)

      protected

      attr_reader :inbox

      private

      def pool_executor(node)
        return Execution::Forked.new(node) if producer?

        relayed? ? Execution::Relayed.new(node) : Execution::Pooled.new(node)
      end

      # May a slot take items beside the one that its child works on? Not when an item may be tried
      # again, has a time or a turn of its own, or must be known by what it emits.
      def relayed? = @recovery.plain? && !(@throttle || @sequence || item_threads || traced?)

      def lane = @sequence ? Lane.new(self, @sequence) : self
    end
  end
end
