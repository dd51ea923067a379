# frozen_string_literal: true

module Minigun
  module Execution
    # What a forked child does from its first instruction to its last:
    #
    # 1. remember what the containers of the user's instance look like;
    # 2. run the `after_fork` hooks;
    # 3. for each item: run the stage's work, send home what it added to those containers, then its
    #    outcome;
    # 4. run the `before_exit` hooks, send the rest, say that it is complete.
    #
    # It is made in the parent, once for all children of a slot: an object that a child makes costs it
    # the copies of the pages that it is made in.
    #
    # @api private
    class ChildMain
      # Errors of a block after which the child can take another item.
      SURVIVABLE = [StandardError, ScriptError, SystemStackError].freeze
      private_constant :SURVIVABLE

      # @param node [Flow::Node]
      # @param channel [Native::Child] of the slot
      # @param work [Work] what to do with each item
      def initialize(node, channel, work = node.work)
        @node = node
        @work = work
        @uplink = Uplink.new(channel)
        # A rehearsal has one item, of no stage.
        @each = node.item_threads && work.equal?(node.work)
        @isolated = node.isolated?
        @scope = scope(1).prepare
        # A rehearsal's channel goes nowhere.
        @scope.hasten(Native::Emitter.remote(self, @uplink)) if channel.is_a?(Native::Child)
        @alive = true
        # So that an object has room for them, and a child need not make it larger.
        @pid = @born = @snapshot = @boot_error = nil
      end

      # To be called in the parent, before there is a child that many items go to.
      #
      # @return [self]
      def prepare_pool
        @calls = @work.block_calls&.prepare if intake?
        self
      end

      # What a child does that has inherited its one item. A rehearsal goes through the same block.
      #
      # @param attempt [Integer]
      # @return [Proc]
      def for_one(item, attempt) = proc { run_one(item, attempt) }

      # Works on the one item that the child inherited.
      #
      # @param attempt [Integer]
      def run_one(item, attempt)
        boot
        handle(1, item, attempt)
        leave
      end

      # Works on items from the inbox until it is closed.
      def run_pool
        boot
        take_in(Native::Intake.new(self, @uplink, @snapshot&.watch)) if @calls && !@boot_error
        while @alive && (record = @uplink.read)
          kind, sequence, item = record
          attempt = 1
          attempt, item = item if kind == Record::ITEM_AGAIN
          handle(sequence, item, attempt)
        end
        leave
      end

      # What a {Native::Intake} asks for.
      #
      # @return [Symbol]
      def name = @node.name

      # @param emitter [Native::Emitter]
      # @return [ChildScope]
      def scope_of(emitter) = scope.hasten(emitter)

      # Sends what was added to the containers of the user's instance since the last time.
      def send_state
        return unless @snapshot

        changes = @snapshot.changes { |variable, kind, reason| warn_about(variable, kind, reason) }
        changes.each { |variable, change| send_change(variable, change) }
      end

      private

      def boot
        @pid = Native.pid
        @born = Minigun.monotonic_time
        @snapshot = State::Snapshot.of(@work.context) unless @isolated
        scope.enter { @work.run_hooks(:after_fork) } if @work.hooks?(:after_fork)
      rescue *SURVIVABLE => e
        # Reported as the failure of the first item: only then somebody is listening for an outcome.
        @boot_error = e
      end

      # Does every item come once, and is the block all that there is to it?
      def intake? = !@each && @node.recovery.retries.zero?

      # As the loop over `handle`, with less for each item.
      def take_in(intake)
        until intake.over? || !@alive
          error = each_item(intake)
          fail_item(intake, error) if error
        end
      end

      # @return [Exception, nil] that an item has ended with
      def each_item(intake)
        left = true
        @calls.each(intake)
        left = false
        nil
      rescue Exception => e # rubocop:disable Lint/RescueException -- see run
        left = false
        raise if Native.pid != @pid || !intake.busy?

        e
      ensure
        abandon(intake) if left && intake.busy?
      end

      def fail_item(intake, error)
        seconds = intake.seconds
        intake.leave
        send_state
        @uplink.write(Record::FAILED, intake.number, [seconds, ErrorRecord.dump(error)])
        intake.drop
        @alive = false unless survivable?(error)
      end

      # `return`, `throw` and `Thread.exit` pass every rescue; the parent still gets an outcome.
      def abandon(intake)
        intake.leave
        conclude(intake.number, left_block, 0.0)
      end

      def left_block = Error.new("the block was left by return, throw or Thread.exit")

      def survivable?(error) = SURVIVABLE.any? { |kind| error.is_a?(kind) }

      def handle(sequence, item, attempt)
        @uplink.start_item(sequence)
        return handle_each(sequence, item, attempt) if @each && !@boot_error

        started = Minigun.monotonic_time
        error = @boot_error || run(sequence, item, attempt)
        send_state
        conclude(sequence, error, Minigun.monotonic_time - started)
        @alive = false if @boot_error || (error && !survivable?(error))
      end

      # State goes home when all are over: what several threads do at once cannot be told apart.
      def handle_each(sequence, items, attempt)
        threads = ItemThreads.new(@node, @work, @uplink, SURVIVABLE)
        result = threads.call(items, attempt)
        send_state
        @uplink.write(Record::DONE, sequence, result)
        @uplink.finish_item(sequence, true)
        @alive = false unless threads.survived
      end

      # @return [Exception, nil]
      def run(sequence, item, attempt)
        left = true
        scope_for(attempt).enter { @work.call(item) }
        left = false
        nil
      rescue Exception => e # rubocop:disable Lint/RescueException -- exit, signals, NoMemoryError: all are the item's outcome
        left = false
        raise if Native.pid != @pid

        e
      ensure
        conclude(sequence, left_block, 0.0) if left
      end

      def conclude(sequence, error, seconds)
        if error
          @uplink.write(Record::FAILED, sequence, [seconds, ErrorRecord.dump(error)])
        else
          @uplink.write(Record::DONE, sequence, seconds)
        end
        @uplink.finish_item(sequence, error.nil?)
      end

      def leave
        unless @boot_error
          close_component
          scope.enter { @work.run_hooks(:before_exit) } if @work.hooks?(:before_exit)
        end
        send_state
        send_memory if @node.sample_memory?(Minigun.monotonic_time - @born) && @work.equal?(@node.work)
        @uplink.write(Record::COMMIT, 0, nil)
      rescue *SURVIVABLE => e
        @uplink.write(Record::WARNING, 0, [:before_exit, "before_exit hook failed: #{e.message} (#{e.class})"])
      ensure
        @uplink.finish
      end

      def send_memory
        bytes = Stats::ChildMemory.read
        @uplink.write(Record::MEMORY, 0, bytes) if bytes
      end

      # It may still have to write what it was given.
      def close_component
        component = @work.component
        scope.enter { component.close } if component&.used?
      rescue *SURVIVABLE => e
        @uplink.write(Record::LOST, 0, [Component::CLOSE, ErrorRecord.dump(e)])
      end

      # Of the first attempt at the first item there is one already.
      def scope_for(attempt)
        prepared = @scope if attempt == 1
        @scope = nil
        prepared || scope(attempt)
      end

      def scope(attempt = 1) = ChildScope.new(@node.name, @work.context, @uplink, attempt)

      def send_change(variable, change)
        @uplink.write(Record::STATE, 0, [variable, change])
      rescue ParentGone
        raise
      rescue StandardError, SystemStackError => e
        warn_about(variable, :unsendable, e.message)
        rest = State::Sendable.part(change)
        @uplink.write(Record::STATE, 0, [variable, rest]) if rest
      end

      def warn_about(variable, kind, reason)
        @uplink.write(Record::WARNING, 0, [[variable, kind], "#{variable} is not merged completely: #{reason}"])
      end
    end
  end
end
