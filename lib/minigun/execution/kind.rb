# frozen_string_literal: true

require_relative "../suggestion"

module Minigun
  module Execution
    # How a stage's slots run its block, resolved from the context that the definition recorded.
    #
    # * `:inline` one slot, in the parent: sequential, in arrival order
    # * `:thread` up to `width` slots, in the parent
    # * `:thread_per_batch` the same, a fresh thread for each item
    # * `:fork` up to `width` slots, a fresh child process for each item
    # * `:pool` up to `width` slots, a persistent child process each
    # * `:ractor` up to `width` slots, a persistent Ractor each, or as `:thread` (see {RactorGate})
    # * `:ractor_per_batch` up to `width` slots, a fresh Ractor for each item, or as `:thread_per_batch`
    #
    # @api private
    class Kind
      # Width where a definition gives none.
      DEFAULT_MAX = 4

      TYPES = {
        threads: :thread, thread: :thread,
        processes: :process, process: :process, fork: :process,
        ractors: :ractor, ractor: :ractor,
        inline: :inline
      }.freeze
      private_constant :TYPES

      # @return [Symbol]
      attr_reader :name

      # @return [Integer]
      attr_reader :width

      # @param context [Hash, nil] `{type:, mode:, pool_size: | max:}`
      # @param config [Hash] the pipeline's configuration
      # @raise [ArgumentError] for an unknown type
      def self.resolve(context, config)
        return new(:inline, 1) unless context

        type = TYPES.fetch(context[:type]) do
          raise ArgumentError, "Unknown context type: #{context[:type].inspect}"
        end
        return new(:inline, 1) if type == :inline

        per_batch = context[:mode] == :per_batch
        type = available(type)
        new(name_for(type, per_batch), width_for(type, per_batch, context, config))
      end

      def initialize(name, width)
        @name = name
        @width = width
      end

      # @return [Boolean] does the block run in a child process?
      def process? = @name == :fork || @name == :pool

      # @return [Boolean] does the block run in a Ractor, if it can?
      def ractor? = @name == :ractor || @name == :ractor_per_batch

      # @return [Kind] the same without Ractors
      def without_ractors
        { ractor: :thread, ractor_per_batch: :thread_per_batch }[@name].then do |other|
          other ? Kind.new(other, @width) : self
        end
      end

      class << self
        private

        def available(type)
          return type unless type == :process && !Process.respond_to?(:fork)

          Suggestion.warn_once(:no_fork, "[Minigun] fork is not available on this platform: " \
                                         "process stages run in threads")
          :thread
        end

        def name_for(type, per_batch)
          return per_batch ? :fork : :pool if type == :process

          per_batch ? :"#{type}_per_batch" : type
        end

        def width_for(type, per_batch, context, config)
          return context[:max] || DEFAULT_MAX if per_batch
          return context[:pool_size] if context[:pool_size]
          return DEFAULT_MAX if context[:type].start_with?("ractor")

          type == :process ? config.fetch(:max_processes, 2) : config.fetch(:max_threads, 5)
        end
      end
    end
  end
end
