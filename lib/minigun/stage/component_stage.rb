# frozen_string_literal: true

require_relative "atomic_stage"
require_relative "component"

module Minigun
  # A stage whose work is done by an object (see {Component}) in the place of a block.
  #
  # @api private
  class ComponentStage < AtomicStage
    # @return [Component]
    attr_reader :component

    # @param name [Symbol]
    # @param component [Component]
    # @param options [Hash]
    def initialize(name:, component:, options: {})
      super(name: name, block: component.to_proc, options: options)
      @component = component
    end
  end
end
