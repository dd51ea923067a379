# frozen_string_literal: true

require_relative "clock"
require_relative "failure"
require_relative "log"
require_relative "report"
require_relative "switch"
require_relative "execution"
require_relative "flow/checkpoints"
require_relative "flow/inbox"
require_relative "flow/input_queues"
require_relative "flow/lanes"
require_relative "flow/ledger"
require_relative "flow/outcomes"
require_relative "flow/deliveries"
require_relative "flow/router"
require_relative "flow/reporting"
require_relative "flow/slot"
require_relative "flow/staffing"
require_relative "flow/timer"
require_relative "flow/traced"
require_relative "flow/node"
require_relative "flow/lane"
require_relative "flow/aftermath"
require_relative "flow/governor"
require_relative "flow/graph"
require_relative "flow/plan"

module Minigun
  # One run of a pipeline, with the pipelines nested in it: built from the definition, thrown away
  # afterwards. Its duties, in order:
  #
  # 1. plan: resolve stages, targets, contexts and widths, so that a bad definition fails before
  #    anything starts;
  # 2. run the `before_run` hooks, start slots and producers;
  # 3. wait until nothing is in flight, flush the accumulators in topological order, wait again;
  # 4. close the stages in topological order (a child's `before_exit` hooks may still emit);
  # 5. run the `after_run` hooks, when every item is done and every child has ended.
  #
  # An exception that is thrown into the calling thread (Timeout, Interrupt, Thread#kill) and an
  # exception that is not a StandardError in a stage end the run: threads and children are stopped,
  # then it comes out of {#run}.
  #
  # @api private
  class Flow
    include Reporting

    # Seconds that threads get to clean up when a run is given up.
    ABORT_SECONDS = 5

    # @return [Native::InFlight]
    attr_reader :in_flight

    # @return [Ledger]
    attr_reader :ledger

    # @return [Timer]
    attr_reader :timer

    # @param pipeline [Pipeline] the root; its routing is complete
    # @param context [Object] the user's instance
    # @param job_id [String, nil] for the log
    # @param resume_from [Integer, Hash, nil] items of the producers that are finished already
    # @param warmup [Boolean, nil] shall the heap be prepared for forks? nil = as the pipeline says
    def initialize(pipeline, context, job_id: nil, resume_from: nil, warmup: nil)
      @pipeline = pipeline
      @context = context
      @warmup = (warmup.nil? ? pipeline.config[:warmup] : Switch.require(:warmup, warmup)) != false
      @prefix = "#{"[Job:#{job_id}]" if job_id}[Pipeline:#{pipeline.name}]"
      @signals = Thread::Queue.new
      @in_flight = Native::InFlight.new(@signals)
      @ledger = Ledger.new
      @timer = Timer.new(@in_flight)
      @fork_turn = Thread::Mutex.new
      @merge_turn = Thread::Mutex.new
      @pause_turn = Thread::Mutex.new
      @pause_end = Thread::ConditionVariable.new
      @producer_slots = []
      @stopping = false
      @stop = nil
      @plan = Plan.new(self, pipeline, context)
      trace(resume_from)
    end

    # @return [Object] the value that {#stop_early} was given, or else the number of items produced by the
    #   sources of the pipeline
    # @raise [Exception] a non-StandardError raised by a stage, or anything that was thrown in
    def run
      Emission.attach(@context)
      @plan.pipelines.each { |pipeline| run_hooks(pipeline, :before_run) }
      @warmup ? Native.growing { run_stages } : run_stages
      @pipeline.output_queues.each_value { |queue| queue.push(:END_OF_QUEUE) }
      @plan.pipelines.reverse_each { |pipeline| run_hooks(pipeline, :after_run) }
      @stop.nil? || @stop.empty? ? stats.total_produced : @stop.first
    ensure
      Native.forget_emitters
      @pipeline.report = Report.new(stats, @ledger.failures, stop: @stop)
    end

    # @return [AggregatedStats] of this run of the root pipeline, which may run elsewhere as well
    def stats = @plan.stats.first

    # Ends the producers, also before they have begun; what they have emitted is worked off.
    # Callable from any thread.
    def stop_producers
      @pause_turn.synchronize do
        @stopping = true
        @pause_end.broadcast
      end
      # A producer that calls this itself comes last: it does not come back.
      others, own = @producer_slots.partition { |slot| !slot.current? }
      (others + own).each { |slot| slot.stop if slot.begun? && !slot.ended? }
    end

    # Ends the run: producers stop, what waits for the stage and for those before it is dropped, blocks that
    # run come to their end, and everything else is worked off. The first call counts.
    #
    # @param node [Node] whose block asks for it
    # @param value [Array] nothing, or what {#run} is to return
    def stop_early(node, value)
      first = @pause_turn.synchronize { @stop.nil? && (@stop = value) }
      return unless first

      Graph.up_to(@plan.nodes, node).each(&:discard)
      stop_producers
    end

    # Waits, but not when producers are to stop: what is left is to be finished then.
    # @param seconds [Numeric]
    def pause(seconds)
      due = Minigun.monotonic_time + seconds
      @pause_turn.synchronize do
        until stopping? || (rest = due - Minigun.monotonic_time) <= 0
          @pause_end.wait(@pause_turn, rest)
        end
      end
    end

    # @return [Boolean] shall producers not even begin?
    def stopping? = @stopping

    # Makes {#run} give up and raise. Callable from any thread; the first call counts.
    #
    # @param error [Exception]
    def fatal(error)
      @signals << error
    end

    # @return [Boolean] is the run being given up?
    def aborting? = @aborting

    # @return [Boolean] does nothing that children add to the user's instance come home?
    def isolated? = @pipeline.config[:isolate_state]

    # --- what nodes and slots tell -----------------------------------------------------------

    # A slot's thread has ended.
    def slot_ended
      @signals << :slot_ended
    end

    # @param node [Node]
    def producer_ended(node)
      return if node.foreign?

      pipeline = @plan.last_producer_ended(node)
      pipeline&.then { |owner| run_hooks(owner, :after_producer) }
    rescue StandardError => e
      log_error(node, "after_producer hook failed", e)
    end

    # @return [Boolean] may this process be prepared for forks?
    def warmup? = @warmup

    # Runs the block while nobody else runs it.
    def exclusively(&block) = @fork_turn.synchronize(&block)

    # @param change [Array] see {Execution::State}
    def merge(node, variable, change)
      merged = @merge_turn.synchronize { Execution::State::Merge.apply(@context, variable, change) }
      node.warn_once([variable, :replaced], "#{variable} is not merged: the parent has replaced it") unless merged
    end

    private

    def trace(resume_from)
      marks = @plan.pipelines.flat_map(&:checkpoints)
      return if marks.empty? && resume_from.nil?

      @checkpoints = Checkpoints.new(@context, marks, @plan.producers.map(&:name), resume_from)
      @plan.nodes.each { |node| node.extend(Traced).checkpoints = @checkpoints }
    end

    def run_hooks(pipeline, type)
      pipeline.hooks_for(type).each { |hook| @context.instance_exec(&hook) }
    end

    def run_stages
      return work_off unless @plan.forks?

      # What the hooks have loaded is there by now.
      Native.request_warmup if @warmup
      Execution::Isolation.without_ractors { work_off }
    end

    def work_off
      start
      settle
      @plan.nodes.each { |node| retire(node) }
      @checkpoints&.finish
      finished = true
    ensure
      begin
        finished ? stop_clocks : give_up
      ensure
        @timer.stop
      end
    end

    def start
      (@plan.stats + @plan.boundaries).each(&:start!)
      sequential = @plan.nodes.reject(&:producer?)
      sequential.each do |node|
        node.stats.start!
        node.open(batches: fed_by_batches?(node))
      end
      @in_flight.raise_by(@plan.producers.size)
      @producer_slots = @plan.producers.map { |node| ProducerSlot.new(node, self) }
      @producer_slots.each(&:start)
    end

    def fed_by_batches?(node)
      @plan.nodes.any? { |other| other.buffer && (other.batch_node.equal?(node) || feeds?(other, node)) }
    end

    def feeds?(upstream, node)
      upstream.targets.any? { |target| target.node.parts.include?(node) }
    end

    # Waits until nothing is in flight and no accumulator holds anything.
    def settle
      loop do
        wait_until { @in_flight.zero? }
        holder = @plan.nodes.find { |node| node.buffer && !node.buffer.empty? }
        return unless holder

        @in_flight.raise_by(1)
        holder.push(Execution::Batching::FLUSH)
      end
    end

    def retire(node)
      return if node.producer?

      node.close
      wait_until { node.ended? }
      settle
    end

    # What was told before the condition came true is heard before it counts: an exception must not
    # be missed because the work happened to be over by then.
    def wait_until
      listen until yield
      listen until @signals.empty?
    end

    def listen
      signal = @signals.pop
      raise signal if signal.is_a?(Exception)
    end

    # Every stage that still runs stops at the same instant: of two with equal counts the one that
    # was started earlier has the longer runtime.
    def stop_clocks
      @plan.stats.each(&:finish!)
    end

    # Stops everything that still runs; slots end their children on the way out.
    def give_up
      @aborting = true
      @checkpoints&.stop
      deadline = Minigun.monotonic_time + ABORT_SECONDS
      slots = @producer_slots + @plan.nodes.flat_map(&:slots)
      slots.each(&:kill)
      @plan.nodes.each { |node| node.abandon unless node.producer? }
      slots.each { |slot| slot.join([deadline - Minigun.monotonic_time, 0].max) }
      stop_clocks
    end
  end
end
