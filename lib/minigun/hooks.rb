# frozen_string_literal: true

require_relative "suggestion"

module Minigun
  # The hooks of one pipeline: those of the pipeline itself and those of its stages.
  #
  # All are kept in the order of their definition. An inline hook (a stage option) belongs to the
  # definition of its stage and goes when the stage is defined again; a named one stays.
  class Hooks
    # Kinds shown by {Pipeline#hooks}.
    RUN_TYPES = %i[before_run after_run before_fork after_fork].freeze
    # Further kinds a pipeline can have.
    EXTRA_TYPES = %i[after_producer before_exit on_failure].freeze
    # Kinds a stage can have; each is a stage option too.
    STAGE_TYPES = %i[before after before_fork after_fork before_exit on_failure].freeze

    Entry = Struct.new(:block, :inline)
    private_constant :Entry

    # @return [Hash{Symbol=>Array<Proc>}] live, with exactly the keys of {RUN_TYPES}
    attr_reader :run

    def initialize
      @run = RUN_TYPES.to_h { |type| [type, []] }
      @extra = EXTRA_TYPES.to_h { |type| [type, []] }
      @stage = STAGE_TYPES.to_h { |type| [type, {}] }
    end

    # @param type [Symbol] one of {RUN_TYPES} or {EXTRA_TYPES}
    # @param block [Proc] called without arguments
    # @return [void]
    # @raise [ArgumentError] for an unknown kind or no block
    def add(type, block)
      list = @run[type] || @extra[type] || unknown(type, RUN_TYPES + EXTRA_TYPES)
      list << checked("#{type} hook", block)
    end

    # @param type [Symbol] one of {STAGE_TYPES}
    # @param stage [Symbol] may be defined later
    # @param block [Proc] called without arguments
    # @param inline [Boolean] whether it came as an option of the stage
    # @return [void]
    # @raise [ArgumentError] for an unknown kind or no block
    def add_to_stage(type, stage, block, inline: false)
      stages = @stage[type] || unknown(type, STAGE_TYPES)
      checked("#{type} hook of stage #{stage.inspect}", block)
      (stages[stage] ||= []) << Entry.new(block, inline)
    end

    # @param type [Symbol]
    # @return [Array<Proc>] the pipeline's own hooks of a kind
    def of_run(type)
      @run[type] || @extra[type] || unknown(type, RUN_TYPES + EXTRA_TYPES)
    end

    # @param type [Symbol]
    # @param stage [Symbol]
    # @return [Array<Proc>]
    def of_stage(type, stage)
      stages = @stage[type] || unknown(type, STAGE_TYPES)
      stages.fetch(stage, []).map(&:block)
    end

    # @param stage [Symbol] is about to be defined again
    # @return [void]
    def drop_inline(stage)
      @stage.each_value { |stages| stages[stage]&.reject!(&:inline) }
    end

    # @return [Array<Array(Symbol, Symbol)>] kind and stage of all stage hooks
    def stage_pairs
      @stage.flat_map { |type, stages| stages.keys.map { |stage| [type, stage] } }
    end

    private

    def initialize_copy(other)
      super
      @run = @run.transform_values(&:dup)
      @extra = @extra.transform_values(&:dup)
      @stage = @stage.transform_values { |stages| stages.transform_values(&:dup) }
    end

    def checked(label, block)
      return block if block.respond_to?(:to_proc) && block.respond_to?(:call)

      raise ArgumentError, "#{label}: a block is needed, got #{block.inspect}"
    end

    def unknown(type, known)
      raise ArgumentError, "Unknown hook type: #{type.inspect}.#{Suggestion.for(type, known)}"
    end
  end
end
