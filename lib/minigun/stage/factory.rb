# frozen_string_literal: true

require_relative "accumulator_stage"
require_relative "atomic_stage"
require_relative "component_stage"
require_relative "router_stage"

module Minigun
  # Makes a stage of what a definition says.
  #
  # @api private
  class StageFactory
    CLASSES = {
      stage: AtomicStage, producer: AtomicStage, processor: AtomicStage, consumer: AtomicStage,
      accumulator: AccumulatorStage, partition: PartitionStage, round_robin: RoundRobinStage,
      broadcast: BroadcastStage
    }.freeze
    private_constant :CLASSES

    # @return [Hash] without the object that does the work
    attr_reader :options

    # @param type [Symbol]
    # @param name [Symbol]
    # @param options [Hash]
    # @param block [Proc, nil]
    # @raise [Minigun::Error] for an unknown type
    # @raise [ArgumentError] for an object that cannot do the work, or one besides a block
    def initialize(type, name, options, block)
      @class = CLASSES.fetch(type) do
        raise Error, "Unknown stage type: #{type.inspect} (stage #{name.inspect})." \
                     "#{Suggestion.for(type, CLASSES.keys)}"
      end
      @name = name
      @options = options
      @block = block
      take_component(type) if options.is_a?(Hash) && Component.given?(type, options)
    end

    # @param kept [Hash] the options it keeps
    # @return [Stage]
    # @raise [ArgumentError]
    def build(kept)
      return ComponentStage.new(name: @name, component: @component, options: kept) if @component

      @class.new(name: @name, block: @block, options: kept)
    end

    private

    def take_component(type)
      if @block.nil?
        @component, @options = Component.take(type, @name, @options)
      elsif @options.key?(:using)
        raise ArgumentError, "#{type} #{@name.inspect}: using and a block do not go together"
      end
    end
  end
  private_constant :StageFactory
end
