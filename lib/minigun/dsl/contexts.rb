# frozen_string_literal: true

require_relative "../suggestion"
require_relative "../width"

module Minigun
  # The execution contexts that a definition can name, as plain Hashes.
  # @api private
  module ContextWords
    TYPES = {
      threads: :threads, thread: :threads,
      processes: :processes, process: :processes, fork: :processes,
      ractors: :ractors, ractor: :ractors,
      inline: :inline
    }.freeze
    private_constant :TYPES

    module_function

    # @param word [Symbol] what the user wrote, for messages
    # @param type [Symbol]
    # @param size [Integer, nil] nil stands for the configured default
    # @return [Hash]
    # @raise [ArgumentError] for a bad size
    def pool(word, type, size)
      { type: type, pool_size: Width.check("#{word}: the pool size", size), mode: :pool }.freeze
    end

    # @param word [Symbol] what the user wrote, for messages
    # @param type [Symbol]
    # @param max [Integer, nil] at once; nil stands for 4
    # @return [Hash]
    # @raise [ArgumentError] for a bad max
    def per_batch(word, type, max)
      { type: type, max: Width.check("#{word}: max", max), mode: :per_batch }.freeze
    end

    # @param name [Symbol] of the context
    # @param type [Symbol] one of `:threads`, `:processes`, `:ractors`, `:inline` or an alias
    # @param size [Integer, nil]
    # @return [Hash]
    # @raise [ArgumentError] for an unknown type or a bad size
    def named(name, type, size)
      known = TYPES.fetch(type) do
        raise ArgumentError, "Unknown context type: #{type.inspect} (execution_context " \
                             "#{name.inspect}).#{Suggestion.for(type, TYPES.keys)}"
      end
      pool("execution_context #{name.inspect}", known, size)
    end
  end
  private_constant :ContextWords
end
