# frozen_string_literal: true

module Minigun
  class Flow
    # Makes a node of a run with checkpoints: what it delivers knows what it was emitted for.
    #
    # @api private
    module Traced
      # An item in an inbox.
      Entry = Struct.new(:item, :trace)

      # A slot that takes such items.
      module Handling
        # @return [Checkpoints]
        attr_writer :checkpoints

        private

        def handle(entry)
          return super unless entry.is_a?(Entry)

          @trace = entry.trace
          Execution::Trace.within(@trace) { super(entry.item) }
        end

        # The run ends here; the item may be worked on in another one.
        def give_up(...)
          @trace = nil
          super
        end

        # The run was stopped early; so it may.
        def pass_over(...)
          @trace = nil
          super
        end

        # First, so that the run is not over yet.
        def give_back
          trace = @trace
          @trace = nil
          @checkpoints.release(trace) if trace
        ensure
          super
        end
      end

      # @return [Checkpoints]
      attr_writer :checkpoints

      # @see Deliveries#direct?
      def direct? = false

      # @see Deliveries#route
      def route(item, scope = nil)
        return super unless producer?

        emit_first { super }
      end

      # @see Deliveries#route_to
      def route_to(name, item, scope = nil)
        return super unless producer?

        emit_first { super }
      end

      # An emission that waits for its turn belongs to its own item, whoever delivers it.
      # @see Node#held
      def held(delivery, scope)
        trace = Execution::Trace.current || (scope && Execution::Trace.of(scope.thread)) or return delivery
        @checkpoints.add(trace)
        proc do |scope|
          Execution::Trace.within(trace) { delivery.call(scope) }
          @checkpoints.release(trace)
        end
      end

      # @return [true]
      def traced? = true

      # @see Node#gathered
      def gathered(batch)
        trace = Execution::Trace.current
        @checkpoints.add(trace) if trace
        batch.traces << trace
      end

      # @see Node#withdrawn
      def withdrawn(batch)
        trace = batch.traces.pop
        @checkpoints.release(trace) if trace
      end

      # @see Node#releasing
      def releasing(batch, &block)
        trace = @checkpoints.join(batch.traces.compact)
        Execution::Trace.within(trace, &block)
      rescue Exception # rubocop:disable Lint/RescueException -- raised again; it ends the run
        trace = nil
        raise
      ensure
        @checkpoints.release(trace) if trace
      end

      private

      # An item of the producer begins here; it has to get to all stages.
      def emit_first
        trace = @checkpoints.open(name) or return
        Execution::Trace.within(trace) { yield }
        @checkpoints.release(trace)
      end

      def deliver(targets, item, scope)
        trace = Execution::Trace.current || (scope && Execution::Trace.of(scope.thread))
        return super unless trace

        entry = Entry.new(item, trace)
        targets.each { |target| deliver_one(target, entry, scope) { |*arguments| super(*arguments) } }
      end

      def deliver_one(target, entry, scope)
        @checkpoints.add(entry.trace)
        yield [target], entry, scope
        delivered = true
      ensure
        @checkpoints.release(entry.trace) unless delivered || producer?
      end

      def new_slot
        super.extend(Handling).tap { |slot| slot.checkpoints = @checkpoints }
      end
    end
  end
end
