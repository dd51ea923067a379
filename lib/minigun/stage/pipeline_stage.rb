# frozen_string_literal: true

require_relative "../scope"
require_relative "../stage"

module Minigun
  # A whole pipeline as one stage of another.
  class PipelineStage < Stage
    # @return [Pipeline, nil]
    attr_reader :pipeline

    # @param name [Symbol]
    # @param options [Hash]
    def initialize(name:, options: {})
      super
      @stages_to_add = []
    end

    # @param pipeline [Pipeline] gets the stages that were added before it was there
    def pipeline=(pipeline)
      @pipeline = pipeline
      return unless pipeline

      @stages_to_add.each { |type, name, options, block| pipeline.add_stage(type, name, options, &block) }
      @stages_to_add.clear
    end

    # Adds a stage to the inner pipeline, now or once there is one.
    # @param (see Pipeline#add_stage)
    # @return [void]
    def add_stage(type, name, options = {}, &block)
      return pipeline.add_stage(type, name, options, &block) if pipeline

      @stages_to_add << [type, name, options, block]
    end

    # @return [true]
    def composite?
      true
    end

    # Pushes an item through the inner stages in definition order, in the calling thread.
    #
    # Inner producers and pipelines are left out. What is emitted to a later inner stage by name
    # goes there; what is emitted to any other goes out as it is.
    # @param context [Object] self in the blocks
    # @param item [Object]
    # @return [Array] what the last stage emitted; `[item]` without a pipeline
    def execute_with_emit(context, item)
      return [item] unless pipeline

      steps = pipeline.stages.values.reject { |stage| stage.composite? || stage.producer? }
      steps.inject([item]) do |items, stage|
        break [] if items.empty?

        items.flat_map { |entry| step(context, stage, entry) }
      end
    end

    # Runs an item through for its effects.
    # @param (see #execute_with_emit)
    # @return [nil]
    def execute(context, item = nil)
      execute_with_emit(context, item)
      nil
    end

    private

    def initialize_copy(other)
      super
      @pipeline = @pipeline&.dup
      @stages_to_add = @stages_to_add.dup
    end

    def step(context, stage, entry)
      return stage.execute_with_emit(context, entry) unless entry.is_a?(TargetedItem)
      return [entry] unless entry[:target] == stage.name

      stage.execute_with_emit(context, entry[:item])
    end
  end
end
