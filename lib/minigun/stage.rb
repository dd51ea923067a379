# frozen_string_literal: true

require_relative "stage/batch_rules"
require_relative "stage/limits"
require_relative "stage/recovery"
require_relative "suggestion"

module Minigun
  # One node of a pipeline: a name and options. What it does is up to the subclasses.
  class Stage
    # Options that say where items go; they become edges and are not kept.
    ROUTING_OPTIONS = %i[to from].freeze
    # All options with a meaning. Others are kept, with one warning.
    KNOWN_OPTIONS = (ROUTING_OPTIONS + %i[
      before after before_fork after_fork before_exit on_failure dead_letter
      using execution_context isolate _execution_context
    ] + BatchRules::OPTIONS + Recovery::OPTIONS + Limits::OPTIONS).freeze

    # @return [Symbol]
    attr_reader :name
    # @return [Hash]
    attr_reader :options

    # @param stage [Symbol] for the message
    # @param options [Hash] warns once for each option that has no meaning
    # @return [void]
    def self.warn_unknown_options(stage, options)
      (options.keys - KNOWN_OPTIONS).each do |option|
        hint = Suggestion.for(option, KNOWN_OPTIONS - [:_execution_context])
        Suggestion.warn_once([:stage_option, option],
                             "Stage #{stage.inspect}: unknown option #{option.inspect}.#{hint}")
      end
    end

    # @param name [Symbol]
    # @param options [Hash]
    def initialize(name:, options: {})
      @name = name
      @options = options
    end

    # @abstract
    # @raise [NotImplementedError]
    def execute(_context, _item = nil)
      raise NotImplementedError, "#{self.class}#execute"
    end

    # @return [Boolean, nil] whether it makes items instead of taking them
    def producer?
      false
    end

    # @return [Boolean] whether it holds a pipeline
    def composite?
      false
    end

    # @return [Hash, nil] `{type:, mode:, pool_size: or max:}`; nil runs items one after another
    def execution_context
      options[:_execution_context]
    end

    # @return [Hash]
    def to_h
      { name: name, options: options }
    end

    # @param key [Symbol]
    # @return [Object, nil] the part of {#to_h} with that key
    def [](key)
      to_h[key]
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{name.inspect}>"
    end
  end
end
