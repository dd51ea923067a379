# frozen_string_literal: true

require_relative "../task"
require_relative "builder"

module Minigun
  # What a class says about its pipelines: a list of blocks, and a task for the configuration.
  #
  # 1. It evaluates nothing until {#build}, which makes a fresh root pipeline each time.
  # 2. A subclass starts with a copy of its parent's.
  # 3. Including the DSL again drops what the class itself said, so that a file can be reloaded.
  # 4. A copy of the class gets a copy.
  # @api private
  class Definition
    # One `pipeline` call. A nested one is a stage at its place, any other named one comes first.
    Entry = Struct.new(:name, :options, :block, :nested) do
      # @return [Boolean] whether it is evaluated before the unnamed ones
      def named?
        !name.nil? && !nested
      end
    end

    VARIABLE = :@__minigun_definition
    private_constant :VARIABLE

    # @return [Task]
    attr_reader :task

    # @param base [Module] gets a definition, or its own part of it is dropped
    # @return [void]
    def self.restart(base)
      old = find(base)
      give(base, old ? old.restarted : new)
    end

    # @param base [Module]
    # @param definition [Definition] is the one of that class from now on
    # @return [Definition] the same
    def self.give(base, definition)
      base.instance_variable_set(VARIABLE, definition.owned_by(base))
    end

    # A subclass has none yet when its parent's `inherited` was overwritten, and a copy of a class has
    # that of the original.
    # @param base [Module]
    # @return [Definition, nil] its own one
    def self.find(base)
      found = base.instance_variable_get(VARIABLE)
      return found if found&.owner?(base)
      return give(base, found.dup) if found

      parent = base.superclass if base.is_a?(Class)
      give(base, find(parent).inherit) if parent.is_a?(DSL::ClassMethods)
    end

    # @param name [Symbol, nil]
    # @param options [Hash]
    # @param block [Proc]
    # @param nested [Boolean]
    # @return [Entry]
    # @raise [ArgumentError] for a bad name, a missing block, or options that need a name
    def self.entry(name, options, block, nested: false)
      unless name.nil? || name.is_a?(Symbol) || name.is_a?(String)
        raise ArgumentError, "pipeline: the name must be a Symbol or String, got #{name.inspect}"
      end

      label = ["pipeline", name&.inspect].compact.join(" ")
      raise ArgumentError, "#{label}: a block is needed" unless block
      raise ArgumentError, "#{label}: #{options.inspect} needs a name" if name.nil? && options.any?

      Entry.new(name, options.dup.freeze, block, nested)
    end

    # @param task [Task] as inherited
    # @param inherited [Array<Entry>]
    # @param absorbed [Hash{Module=>Array<Entry>}] those of them that come from modules
    def initialize(task = Task.new, inherited = [], absorbed = {})
      @origin = task.inherit
      @task = @origin.inherit
      @inherited = inherited
      @absorbed = absorbed
      @own = []
    end

    # @param base [Module] says all this from now on
    # @return [self]
    def owned_by(base)
      @owner = base
      self
    end

    # @param base [Module]
    # @return [Boolean]
    def owner?(base)
      base.equal?(@owner)
    end

    # @return [Array<Entry>] inherited ones first
    def entries
      @inherited + @own
    end

    # @param (see .entry)
    # @return [void]
    # @raise (see .entry)
    def add(name, options, block)
      @own += [self.class.entry(name, options, block)]
    end

    # @return [Definition] for a subclass
    def inherit
      self.class.new(task, entries)
    end

    # Takes over what a module says that the class includes. With a module that was included before,
    # the file of the class is being loaded again.
    # @param origin [Module]
    # @return [void]
    def absorb(origin)
      old = @absorbed[origin]
      entries = origin._minigun_definition.entries
      @own = [] if old
      @inherited = (@inherited - old.to_a) | entries
      @absorbed = @absorbed.merge(origin => entries)
    end

    # @return [Definition] without what the class itself said
    def restarted
      self.class.new(@origin, @inherited, @absorbed)
    end

    # Evaluates everything for one instance and shows the result on the task.
    # @param instance [Object]
    # @param extra [Array<Entry>] of the instance itself
    # @return [Pipeline]
    # @raise [Minigun::Error, ArgumentError] for a bad definition; what was defined until then shows
    def build(instance, extra = [])
      root = task.new_root
      builder = PipelineBuilder.new(root, instance)
      named, rest = (entries + extra).partition(&:named?)
      (named + rest).each { |entry| evaluate(builder, entry) }
      root
    ensure
      task.root_pipeline = root if root
    end

    private

    def initialize_copy(other)
      super
      @task = @task.inherit
    end

    def evaluate(builder, entry)
      return builder.nest(entry.name, entry.options, entry.block) if entry.name

      builder.evaluate(entry.block)
    end
  end
  private_constant :Definition
end
