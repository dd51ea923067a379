# frozen_string_literal: true

require_relative "../intrinsic"

module Minigun
  # What the library keeps for one instance of a user's class.
  #
  # A copy of the instance gets its own; a marshalled instance travels without it.
  # @api private
  class InstanceState
    VARIABLE = :@__minigun_state
    private_constant :VARIABLE

    # @return [Pipeline, nil] the one built last
    attr_reader :root

    # @param instance [Object]
    # @return [InstanceState] of that very object
    def self.of(instance)
      state = instance.instance_variable_get(VARIABLE)
      return state if state&.owner?(instance)

      state = new(instance, state ? state.entries : [])
      instance.instance_variable_set(VARIABLE, state) unless Intrinsic.frozen?(instance)
      state
    end

    # @param instance [Object]
    # @param entries [Array<Definition::Entry>] what was defined on an object this one copies
    def initialize(instance, entries = [])
      @instance = instance
      @entries = entries.dup
      @root = nil
    end

    # @return [Array<Definition::Entry>] what was defined on the instance itself
    def entries
      @entries || []
    end

    # @param object [Object]
    # @return [Boolean]
    def owner?(object)
      @instance.equal?(object)
    end

    # @return [Task] of the instance's class
    def task
      definition.task
    end

    # @return [Pipeline] fresh, with everything the class and the instance define
    def build
      @root = definition.build(@instance, entries)
    end

    # @param name [Symbol, nil]
    # @param options [Hash]
    # @param block [Proc]
    # @return [void]
    def define(name, options, block)
      nested = !(options.key?(:to) || options.key?(:from) || named?)
      entry = Definition.entry(name, options, block, nested: nested)
      all = entries + [entry]
      @root = definition.build(@instance, all)
      @entries = all
      nil
    end

    # @return [String]
    def inspect
      "#<#{self.class}>"
    end

    # @return [nil] blocks cannot travel, and need not: the class has them
    def marshal_dump; end

    # @param _nothing [nil]
    # @return [void]
    def marshal_load(_nothing); end

    # @param _coder [Object] of YAML; gets nothing either
    # @return [void]
    def encode_with(_coder); end

    private

    def definition
      Intrinsic.class_of(@instance)._minigun_definition
    end

    def named?
      (definition.entries + entries).any?(&:named?)
    end
  end
  private_constant :InstanceState
end
