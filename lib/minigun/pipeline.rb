# frozen_string_literal: true

require_relative "dag"
require_relative "hooks"
require_relative "routing"
require_relative "stage/factory"
require_relative "stage/pipeline_stage"

module Minigun
  # The description of a pipeline: stages in order, edges, hooks and configuration.
  #
  # It runs nothing itself: each {#run} builds a {Flow} from it.
  class Pipeline
    # Configuration of a pipeline that is given none.
    DEFAULT_CONFIG = { max_threads: 5, max_processes: 2, max_retries: 3, use_ipc: false }.freeze

    # @return [Symbol]
    attr_reader :name
    # @return [Hash{Symbol=>Object}]
    attr_reader :config
    # @return [Hash{Symbol=>Stage}] live, in definition order
    attr_reader :stages
    # @return [Array<Symbol>] live; the order that default routing follows
    attr_reader :stage_order
    # @return [DAG]
    attr_reader :dag
    # @return [Array<Array(Integer, Proc)>] see {PipelineDSL#checkpoint}
    attr_reader :checkpoints
    # @return [Array] where items come from besides the producers
    attr_reader :input_queues
    # @return [Hash{Symbol=>#push}] where terminal stages emit to
    attr_reader :output_queues
    # @return [AggregatedStats, nil] of the last run
    attr_accessor :stats
    # @return [Report, nil] the full account of the last run
    attr_accessor :report
    # @return [String, nil] of the last run
    attr_reader :job_id
    # @return [Symbol, nil] where items go that failed
    attr_accessor :dead_letter

    # @param name [Symbol]
    # @param config [Hash] missing keys come from {DEFAULT_CONFIG}
    def initialize(name, config = {})
      @name = name
      @config = DEFAULT_CONFIG.merge(config.compact)
      @stages = {}
      @stage_order = []
      @dag = DAG.new
      @hook_table = Hooks.new
      @checkpoints = []
      @input_queues = []
      @output_queues = {}
    end

    # Adds a stage. One of the same name is replaced; it keeps its place and its edges.
    # @param type [Symbol] `:stage`, `:producer`, `:processor`, `:consumer` or `:accumulator`
    # @param name [Symbol, String]
    # @param options [Hash] `to` and `from` become edges, inline hooks become hooks, the rest is kept.
    #   Without a block, `using` (or `from` of a producer) is an object that does the work.
    # @return [Stage]
    # @raise [Minigun::Error] for an unknown type or an edge that closes a cycle
    # @raise [ArgumentError] for a name, an option or a hook that cannot be used
    def add_stage(type, name, options = {}, &block)
      factory = StageFactory.new(type, name, options, block)
      kept = kept_options(type, name, factory.options, block)
      warn_of_lost_pipeline(name)
      place(factory.build(kept), factory.options)
    end

    # Adds a pipeline as a stage, or opens the one that has the name.
    # @param name [Symbol, String]
    # @param options [Hash] as in {#add_stage}
    # @return [Pipeline] the inner one
    # @raise [Minigun::Error] when the name belongs to an ordinary stage
    def add_pipeline(name, options = {})
      stage = stages[name]
      if stage && !stage.composite?
        raise Error, "#{name.inspect} already exists as a non-pipeline stage of #{@name.inspect}"
      end

      kept = kept_options(:pipeline, name, options)
      stage ||= PipelineStage.new(name: name, options: kept)
      stage.pipeline ||= Pipeline.new(name, config)
      place(stage, options)
      stage.pipeline
    end

    # @return [Hash{Symbol=>Array<Proc>}] live; `before_run`, `after_run`, `before_fork`, `after_fork`
    def hooks
      @hook_table.run
    end

    # @param type [Symbol] a key of {#hooks}, `:after_producer` or `:before_exit`
    # @return [Array<Proc>] the pipeline's own hooks of a kind
    def hooks_for(type)
      @hook_table.of_run(type)
    end

    # @param type [Symbol] `:before`, `:after`, `:before_fork`, `:after_fork` or `:before_exit`
    # @param name [Symbol]
    # @return [Array<Proc>] the hooks of a stage
    def stage_hooks(type, name)
      @hook_table.of_stage(type, name)
    end

    # @param type [Symbol] as in {#hooks_for}
    # @return [void]
    # @raise [ArgumentError]
    def add_hook(type, &block)
      @hook_table.add(type, block)
    end

    # @param type [Symbol] as in {#stage_hooks}
    # @param stage [Symbol] may be defined later
    # @return [void]
    # @raise [ArgumentError]
    def add_stage_hook(type, stage, &block)
      @hook_table.add_to_stage(type, stage, block)
    end

    # @param type [Symbol]
    # @param name [Symbol]
    # @param context [Object] self in the hooks
    # @return [void]
    def execute_stage_hooks(type, name, context = @context)
      stage_hooks(type, name).each { |hook| context.instance_exec(&hook) }
    end

    # Gives a stage other targets.
    # @param from [Symbol]
    # @param to [Symbol, Array<Symbol>]
    # @return [void]
    # @raise [Minigun::Error] when an edge closes a cycle
    def reroute_stage(from, to:)
      dag.remove_edges_from(from)
      dag.add_node(from)
      Array(to).each { |target| dag.add_edge(from, target) }
    end

    # @return [Object, nil] the first input queue
    def input_queue
      @input_queues.first
    end

    # @param queue [#pop]
    def input_queue=(queue)
      add_input_queue(queue)
    end

    # @param queue [#pop] yields items, then `:END_OF_QUEUE`
    # @return [void]
    def add_input_queue(queue)
      @input_queues << queue unless @input_queues.any? { |known| known.equal?(queue) }
    end

    # @param name [Symbol]
    # @param queue [#push] gets what terminal stages emit, then `:END_OF_QUEUE`
    # @return [void]
    def add_output_queue(name, queue)
      @output_queues[name] = queue
    end

    # Runs everything to completion.
    # @param context [Object] self in blocks and hooks
    # @param job_id [String, nil] for the log
    # @param resume_from [Integer, Hash, nil] what a `checkpoint` block was given in an earlier run
    # @param warmup [Boolean, nil] see {DSL#run}
    # @yieldparam flow [Flow] the run, before it starts
    # @return [Integer] items produced
    # @raise [Minigun::Error] for a definition that cannot run, before anything has started
    def run(context, job_id: nil, resume_from: nil, warmup: nil)
      @context = context
      [self, *each_inner].each { |pipeline| pipeline.job_id = job_id }
      build_dag_routing!
      flow = Minigun::Flow.new(self, context, job_id: job_id, resume_from: resume_from, warmup: warmup)
      yield flow if block_given?
      flow.run
    end

    # @param name [Symbol]
    # @return [Stage, nil]
    def find_stage(name)
      stages[name]
    end

    # @return [Array<Stage>] producers, and pipelines with nothing upstream
    def find_all_producers
      stages.select { |name, stage| stage.composite? ? dag.source?(name) : stage.producer? }.values
    end

    # @return [Stage, nil]
    def find_producer
      find_all_producers.first
    end

    # @return [Symbol, nil] the stage that takes items from outside: the first that is no producer
    def entry_stage
      stage_order.find { |name| stages[name] && !stages[name].producer? }
    end

    # @param name [Symbol]
    # @return [Boolean]
    def is_terminal_stage?(name)
      dag.terminal?(name)
    end

    # @param name [Symbol]
    # @return [Array<Symbol>]
    def get_targets(name)
      dag.downstream(name)
    end

    # @yieldparam pipeline [Pipeline] each pipeline inside this one, to any depth
    # @return [Enumerator] without a block
    def each_inner(&block)
      return enum_for(:each_inner) unless block

      inner_pipelines.each do |pipeline|
        yield pipeline
        pipeline.each_inner(&block)
      end
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{name.inspect} #{stage_order.inspect}>"
    end

    protected

    attr_writer :job_id

    private

    def initialize_copy(other)
      super
      @stages = @stages.transform_values { |stage| stage.composite? ? stage.dup : stage }
      @stage_order = @stage_order.dup
      @dag = @dag.dup
      @hook_table = @hook_table.dup
      @checkpoints = @checkpoints.dup
      @config = @config.dup
      @input_queues = []
      @output_queues = {}
      @stats = @report = @context = @job_id = nil
    end

    def build_dag_routing!
      Routing.new(self, @hook_table).apply
      Minigun.logger.info("#{log_prefix} #{Routing.describe(dag)}")
      inner_pipelines.each { |pipeline| pipeline.send(:build_dag_routing!) }
    end

    def inner_pipelines
      stages.values.select(&:composite?).filter_map(&:pipeline)
    end

    def log_prefix
      job_id ? "[Job:#{job_id}][Pipeline:#{name}]" : "[Pipeline:#{name}]"
    end

    def kept_options(type, name, options, block = nil)
      unless name.is_a?(Symbol) || name.is_a?(String)
        raise ArgumentError, "#{type}: the name must be a Symbol or String, got #{name.inspect}"
      end
      raise ArgumentError, "#{type} #{name.inspect}: options must be a Hash" unless options.is_a?(Hash)

      Stage.warn_unknown_options(name, options)
      BatchRules.warn_of_misplaced(type, name, options)
      [Recovery, Limits].each { |kind| kind.check_stage(type, name, options, block) }
      options.except(*Stage::ROUTING_OPTIONS, *Hooks::STAGE_TYPES)
    end

    def warn_of_lost_pipeline(name)
      return unless stages[name]&.composite?

      Suggestion.warn_once([:lost_pipeline, @name, name],
                           "#{log_prefix} stage #{name.inspect} replaces the pipeline of that name")
    end

    def place(stage, options)
      name = stage.name
      @hook_table.drop_inline(name)
      @stages[name] = stage
      @stage_order << name unless @stage_order.include?(name)
      add_inline_hooks(name, options)
      dag.add_node(name)
      Array(options[:to]).each { |target| dag.add_edge(name, target) }
      Array(options[:from]).each { |source| dag.add_edge(source, name) }
      stage
    end

    def add_inline_hooks(name, options)
      options.slice(*Hooks::STAGE_TYPES).each do |type, hooks|
        Array(hooks).each { |hook| @hook_table.add_to_stage(type, name, hook, inline: true) }
      end
    end
  end
end
