# frozen_string_literal: true

module Minigun
  class Flow
    # Turns the tree of pipelines into one flat graph of nodes: nested pipelines disappear, the edges
    # into one lead to its first stage, what its terminal stages emit goes to where the pipeline's
    # own edges lead. Everything that can be wrong with a definition fails here, before anything
    # starts.
    #
    # @api private
    class Plan
      # A pipeline of the tree: its nodes by stage name, and the stage of the outer pipeline that
      # holds it.
      Member = Struct.new(:pipeline, :stats, :nodes, :outer, :stage, :inner, :output)
      private_constant :Member

      STAGE_HOOKS = %i[before after before_fork after_fork before_exit].freeze
      FORK_HOOKS = %i[before_fork after_fork before_exit].freeze
      private_constant :STAGE_HOOKS, :FORK_HOOKS

      # @return [Array<Node>] in topological order
      attr_reader :nodes

      # @return [Array<Pipeline>] outer ones before inner ones
      attr_reader :pipelines

      # @return [Array<AggregatedStats>] of the pipelines, in the same order
      attr_reader :stats

      # @return [Array<Stats>] of the stages that hold a pipeline
      attr_reader :boundaries

      # @param flow [Flow]
      # @param root [Pipeline]
      # @param context [Object] the user's instance
      def initialize(flow, root, context)
        @flow = flow
        @context = context
        @nodes = []
        @pipelines = []
        @stats = []
        @boundaries = []
        @members = []
        add_pipeline(root, nil, nil)
        @members.each { |member| connect(member) }
        connect_routers
        Aftermath.attach(flow, @members) { |member| directory(member) }
        @nodes = Graph.sort(@nodes)
        @nodes.each_with_index { |node, index| node.order = index }
        part_ractors_from_forks
        @turn = Thread::Mutex.new
        @running = @members.map { |member| [member.pipeline, member.nodes.values.select(&:producer?)] }
      end

      # @return [Array<Node>]
      def producers = @nodes.select(&:producer?)

      # @return [Boolean] do stages run in child processes?
      def forks? = @nodes.any? { |node| node.kind.process? }

      # @param node [Node] a producer
      # @return [Pipeline, nil] its pipeline, when it was the last producer there
      def last_producer_ended(node)
        pipeline, running = @running.find { |_, producers| producers.include?(node) }
        @turn.synchronize do
          pipeline if running.delete(node) && running.empty?
        end
      end

      private

      def add_pipeline(pipeline, outer, stage)
        stats = AggregatedStats.new(pipeline.name, pipeline.dag)
        pipeline.stats = stats
        @stats << stats
        member = Member.new(pipeline, stats, {}, outer, stage, {}, [])
        @members << member
        @pipelines << pipeline
        order(pipeline).each { |name| add_stage(member, pipeline.stages.fetch(name)) }
        add_queues(member) unless outer
        member
      end

      def order(pipeline)
        (pipeline.stage_order + pipeline.stages.keys).uniq.select { |name| pipeline.stages.key?(name) }
      end

      def add_stage(member, stage)
        terminal = member.pipeline.dag.terminal?(stage.name)
        stats = member.stats.for_stage(stage.name, is_terminal: terminal)
        if stage.composite?
          @boundaries << stats
          member.inner[stage.name] = inner = stage.pipeline && add_pipeline(stage.pipeline, member, stage)
          stats.parts = inner ? inner.stats.stage_stats.values : []
        else
          member.nodes[stage.name] = build_node(member, stage, stats)
        end
      end

      def build_node(member, stage, stats)
        kind = Execution::Kind.resolve(stage.execution_context, member.pipeline.config)
        return accumulator(member, stage, stats, kind) if stage.is_a?(AccumulatorStage)

        producer = stage.producer? == true
        return lanes(member, stage, stats, kind) if !producer && kind.width > 1 && Router::Survey.lanes?(member, stage)

        kind = Execution::Kind.new(kind.name, 1) if producer
        recovery = recovery(member, stage, producer: producer)
        work = (producer ? Execution::ProducerWork : Execution::Work).new(stage, @context, hooks(member, stage))
        node = Node.new(@flow, stage, work: work, stats: stats, kind: kind, producer: producer, recovery: recovery)
        add_node(Governor.over([node], kind.width, @flow.in_flight).first)
      end

      def lanes(member, stage, stats, kind)
        single = Execution::Kind.new(kind.name, 1)
        work = Execution::Work.new(stage, @context, hooks(member, stage))
        recovery = recovery(member, stage)
        parts = Array.new(kind.width) do
          add_node(Node.new(@flow, stage, work: work, stats: stats, kind: single, recovery: recovery,
                                          lanes: kind.width))
        end
        Lanes.new(Governor.over(parts, kind.width, @flow.in_flight))
      end

      # A producer may emit without end: nobody but its own options may ask to keep all that back.
      def recovery(member, stage, producer: false)
        Recovery.new(stage.options, retries: (member.pipeline.config[:retries] unless producer))
      end

      # Queues of the outermost pipeline: one to take items from, some to hand results to.
      def add_queues(member)
        inputs = member.pipeline.input_queues
        outputs = member.pipeline.output_queues.values
        member.nodes[Routing::INPUT] = add_node(input_node(member, inputs)) if inputs.any?
        member.output = [Node::Target.new(add_node(output_node(member, outputs)), [])] if outputs.any?
      end

      def input_node(member, queues)
        stage = AtomicStage.new(name: Routing::INPUT, block: InputQueues.new(queues).to_proc)
        Node.new(@flow, stage, work: Execution::ProducerWork.new(stage, @context, hooks(member, stage)),
                               stats: member.stats.for_stage(stage.name), producer: true,
                               kind: Execution::Kind.new(:inline, 1))
      end

      def output_node(member, queues)
        stage = AtomicStage.new(name: :_output, block: proc { |item| queues.each { |queue| queue.push(item) } })
        Node.new(@flow, stage, work: Execution::Work.new(stage, @context, hooks(member, stage)),
                               stats: Stats.new(stage.name, is_terminal: true),
                               kind: Execution::Kind.new(:inline, 1))
      end

      # Items are collected one after another, whatever the context; a block works on full batches
      # in the context, as wide as that is.
      def accumulator(member, stage, stats, kind)
        hooks = hooks(member, stage)
        work = Execution::Work.new(stage, @context, hooks)
        node = Node.new(@flow, stage, work: work, stats: stats, kind: Execution::Kind.new(:inline, 1),
                                      buffer: stage.new_buffer(member.pipeline.config))
        add_node(node)
        work_on_batches(node, member, kind) if stage.block
        node
      end

      def work_on_batches(node, member, kind)
        stage = node.stage
        batch_work = Execution::BatchWork.new(stage, @context, hooks(member, stage))
        recovery = recovery(member, stage)
        if kind.name == :inline && recovery.plain? && !stage.options.keys.intersect?(Limits::PACE)
          node.batch_work = batch_work
        else
          worker = Node.new(@flow, stage, work: batch_work, stats: node.stats, kind: kind, batch_block: true,
                                          recovery: recovery)
          node.batch_node = add_node(Governor.over([worker], kind.width, @flow.in_flight).first)
        end
      end

      def add_node(node)
        @nodes << node
        node
      end

      # Fork hooks of a pipeline hold for every fork inside it, nested pipelines included: a parent
      # that must disconnect before a fork must do so wherever the fork happens. Outer ones first.
      def hooks(member, stage)
        STAGE_HOOKS.to_h do |type|
          own = member.pipeline.stage_hooks(type, stage.name)
          [type, (FORK_HOOKS.include?(type) ? pipeline_hooks(member, type) + own : own).dup.freeze]
        end
      end

      def pipeline_hooks(member, type)
        own = member.pipeline.hooks_for(type)
        return own unless member.outer

        pipeline_hooks(member.outer, type) + member.outer.pipeline.stage_hooks(type, member.stage.name) + own
      end

      # A child that is forked beside a busy Ractor may hang.
      def part_ractors_from_forks
        forked = @nodes.find { |node| node.kind.process? }
        ractors = @nodes.select { |node| node.kind.ractor? }
        return if forked.nil? || ractors.empty?

        names = ractors.map { |node| node.name.inspect }.uniq.join(", ")
        @flow.warn_once(:ractors, " stages in Ractors (#{names}) run in threads: stage #{forked.name.inspect} runs " \
                                  "in child processes, and beside Ractors nothing can be forked")
        ractors.each(&:without_ractors)
      end

      # --- edges ---------------------------------------------------------------------------

      def connect(member)
        member.nodes.each_value do |node|
          targets, exits = downstream(member, node.name)
          node.parts.flat_map { |part| [part, part.batch_node].compact }.each do |part|
            part.targets = targets
            part.exits = exits
            part.enclosing = enclosing(member)
            part.directory = directory(member)
          end
          node.targets = [] if node.parts.first.batch_node
        end
      end

      def connect_routers
        @nodes.each do |node|
          node.router = Router.for(node.stage, @context, node.targets) if node.stage.is_a?(RouterStage)
        end
      end

      # @return [Array(Array<Node::Target>, Array<Stats>)] targets, and the pipeline stages left
      def downstream(member, name)
        names = member.pipeline.dag.downstream(name)
        return [names.flat_map { |target| entries(member, target) }, []] unless names.empty?
        return [member.output, []] unless member.outer

        targets, exits = downstream(member.outer, member.stage.name)
        [targets, [member.outer.stats.for_stage(member.stage.name), *exits]]
      end

      def enclosing(member)
        member.outer ? [member.outer.stats.for_stage(member.stage.name), *enclosing(member.outer)] : []
      end

      def entries(member, name)
        node = member.nodes[name]
        return node.producer? ? [] : [Node::Target.new(node, [])] if node

        stats = member.stats.for_stage(name)
        inner = member.inner[name]
        first = inner && first_stage(inner)
        # With nothing inside to take the item it passes through.
        return downstream(member, name).first unless first

        entries(inner, first).map { |target| Node::Target.new(target.node, [stats, *target.entered]) }
      end

      def first_stage(member)
        order(member.pipeline).find { |name| member.inner.key?(name) || !member.nodes[name].producer? }
      end

      # A name means a stage of the own pipeline first, then of the ones around it.
      def directory(member)
        @directories ||= {}.compare_by_identity
        @directories[member] ||= begin
          outer = member.outer ? directory(member.outer) : {}
          own = order(member.pipeline).to_h { |name| [name, entries(member, name)] }
          outer.merge(own.reject { |_, targets| targets.empty? })
        end
      end
    end
  end
end
