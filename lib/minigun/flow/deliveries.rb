# frozen_string_literal: true

module Minigun
  class Flow
    # Where the emissions of a {Node} go.
    #
    # Where the targets are always the same they are resolved once, and all is done in C (see
    # {Native::Outlet}). Where something has a say in each emission (a router, the turn in an ordered stage,
    # the trace of an item, how much the slots of a target have to do) a method here decides, and C only
    # hands over.
    #
    # @api private
    module Deliveries
      # @return [Boolean] are the targets the same for all emissions, with nothing to do on the way?
      def direct?
        @direct = @router.nil? && @sequence.nil? && single?(@targets) if @direct.nil?
        @direct
      end

      # Hands an item to the stages downstream.
      #
      # @param scope [Execution::LocalScope, nil] the block that emits, when it runs in the parent
      def route(item, scope = nil)
        return outlet.emit(item) if direct?

        targets = @router ? @router.call(item) : @targets
        @stats.increment_produced
        @exits.each(&:increment_produced)
        deliver(targets, item, scope)
      end

      # Hands an item to the stage of that name.
      # @see #route
      def route_to(name, item, scope = nil)
        targets = directory[name]
        return unknown_target(name, item) unless targets

        @stats.increment_produced
        deliver(targets, item, scope)
      end

      # Hands a full batch to the node that runs the accumulator's block in its context.
      def hand_to_batch_node(batch)
        @to_batch_node ||= [Node::Target.new(batch_node, [])]
        deliver(@to_batch_node, batch, nil)
      end

      # Sends something beside the emissions.
      def post(targets, item) = deliver(targets, item, nil)

      # To be asked for when every node has its inbox, of a node that is {#direct?}.
      #
      # @return [Native::Outlet]
      def outlet
        @outlet ||= outlet_for(@stats.tally, @exits, @targets.map { |target| way_to(target) })
      end

      # The same for one stage.
      #
      # @return [Native::Outlet, nil] nil when nothing has that name
      def outlet_to(name)
        @outlets[name] || directory[name]&.then do |targets|
          found = outlet_for(@stats.tally, [], targets.map { |target| way_to(target) })
          single?(targets) ? @outlets[name] = found : found
        end
      end

      def unknown_target(name, item) = @flow.unknown_target(self, name, item)

      # @return [Execution::DirectScope] of the block that the emitter belongs to
      def scope_of(emitter) = Execution::DirectScope.new(self, emitter: emitter)

      private

      def single?(targets) = targets.all? { |target| target.node.parts.size == 1 }

      # The unit keeps the run from ending until it is known that the block still runs, and until all targets
      # have theirs.
      def deliver(targets, item, scope)
        @flow.in_flight.raise_by(1)
        raised = true
        scope&.ensure_open
        targets.each { |target| uncounted_outlet_to(target).emit(item) }
      ensure
        @flow.in_flight.lower_by(1) if raised
      end

      # What it hands over was counted as produced before.
      #
      # @param target [Node::Target] the same object each time
      def uncounted_outlet_to(target)
        part = target.node.least_busy
        @uncounted ||= Native::Tally.new(nil, 0)
        outlets = @target_outlets[target] ||= {}.compare_by_identity
        outlets[part] ||= outlet_for(@uncounted, [], [way_to(target, part)])
      end

      def outlet_for(tally, exits, ways)
        Native::Outlet.new(@flow.in_flight, tally, exits.map(&:tally), ways)
      end

      def way_to(target, part = target.node.least_busy)
        [part.inbox, part.arrivals, target.entered.map(&:tally), target.node.order <= order]
      end
    end
  end
end
