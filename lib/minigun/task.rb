# frozen_string_literal: true

require_relative "pipeline"
require_relative "switch"
require_relative "width"

module Minigun
  # The configuration of a class and the pipeline that was built last.
  #
  # What is added to a task by hand is part of every pipeline built from it later.
  class Task
    # Configuration of a new task.
    DEFAULT_CONFIG = {
      max_threads: 5, max_processes: 2, max_retries: 3,
      accumulator_max_single: 2000, accumulator_max_all: 4000, accumulator_check_interval: 100,
      use_ipc: false
    }.freeze

    # The least value of each key that is a number of something.
    MINIMUMS = {
      max_threads: 1, max_processes: 1, max_retries: 0, accumulator_max_single: 1, accumulator_max_all: 1
    }.freeze
    # Keys that a pipeline has only where they were set: what an accumulator is given wins over the
    # values above, what was set wins over its own default.
    UNSET = %i[accumulator_max_single accumulator_max_all].freeze
    private_constant :MINIMUMS, :UNSET

    # @return [Hash{Symbol=>Object}]
    attr_reader :config
    # @return [Pipeline] the one built last; its name is `:default`
    attr_accessor :root_pipeline

    # @param config [Hash] differences from {DEFAULT_CONFIG}
    # @param base [Pipeline, nil] what was added by hand to the task this one comes from
    def initialize(config = {}, base: nil)
      @config = DEFAULT_CONFIG.merge(config)
      @base = base || Pipeline.new(:default, DEFAULT_CONFIG.except(*UNSET).merge(config))
      @root_pipeline = @base
    end

    # @return [Task] an independent one with the same configuration, for a subclass
    def inherit
      Task.new(config, base: @base.dup)
    end

    # @return [Pipeline] a fresh root to define stages on
    def new_root
      @base.dup
    end

    # @return [Hash{Symbol=>Stage}] of the root pipeline
    def stages
      root_pipeline.stages
    end

    # @return [Hash{Symbol=>Array<Proc>}] of the root pipeline
    def hooks
      root_pipeline.hooks
    end

    # @return [DAG] of the root pipeline
    def dag
      root_pipeline.dag
    end
    alias pipeline_dag dag

    # @return [Hash{Symbol=>Pipeline}] the pipelines that are stages of the root
    def pipelines
      stages.select { |_name, stage| stage.composite? }.transform_values(&:pipeline)
    end

    # Sets a value here, in the root pipeline and in all pipelines inside it.
    # @param key [Symbol]
    # @param value [Object]
    # @return [void]
    # @raise [ArgumentError] for a width that is not a positive Integer, and a `warmup` not true or false
    def set_config(key, value)
      Width.require(key, value, minimum: MINIMUMS[key]) if MINIMUMS.key?(key)
      Switch.require(key, value) if key == :warmup
      config[key] = value
      roots.each do |root|
        [root, *root.each_inner].each { |pipeline| pipeline.config[key] = value }
      end
    end

    # @param (see Pipeline#add_stage)
    # @return [Stage]
    # @raise (see Pipeline#add_stage)
    def add_stage(type, name, options = {}, &block)
      roots.map { |root| root.add_stage(type, name, options, &block) }.last
    end

    # @param (see Pipeline#add_hook)
    # @return [void]
    def add_hook(type, &block)
      roots.each { |root| root.add_hook(type, &block) }
    end

    # Defines a pipeline as a stage of the root by code.
    # @param (see Pipeline#add_pipeline)
    # @yieldparam pipeline [Pipeline]
    # @return [Pipeline]
    def define_pipeline(name, options = {})
      inner = roots.map { |root| root.add_pipeline(name, options).tap { |pipeline| yield pipeline if block_given? } }
      inner.last
    end

    # Defines a pipeline as a stage of the root in the words of the DSL.
    # @param (see Pipeline#add_pipeline)
    # @return [Pipeline]
    def add_nested_pipeline(name, options = {}, &block)
      define_pipeline(name, options) do |pipeline|
        PipelineBuilder.new(pipeline, nil).evaluate(block) if block
      end
    end

    # Runs the root pipeline with signals handled and a summary logged.
    # @param context [Object] self in blocks and hooks
    # @return [Integer] items produced
    def run(context)
      Minigun::Runner.new(self, context).run
    end

    # Runs the root pipeline and nothing else.
    # @param (see #run)
    # @return [Integer] items produced
    def perform(context)
      count = root_pipeline.run(context)
      Report.check(root_pipeline)
      count
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{root_pipeline.inspect}>"
    end

    private

    def roots
      @base.equal?(root_pipeline) ? [@base] : [@base, root_pipeline]
    end
  end
end
