# frozen_string_literal: true

require_relative "emission"
require_relative "task"
require_relative "dsl/builder"
require_relative "dsl/class_methods"
require_relative "dsl/definition"
require_relative "dsl/instance_state"

module Minigun
  # Include it in a class to describe pipelines there and run them on instances.
  #
  # The class keeps what was written; every run evaluates it afresh for its instance. A method of
  # the class with one of the names below wins over the one here. What is kept on an instance is
  # under one variable, `@__minigun_state`.
  module DSL
    include Emission

    # @api private
    def self.included(base)
      super
      base.extend(ClassMethods)
      Definition.restart(base)
    end

    # Evaluates the definition and runs it, with signals handled and a summary logged.
    # @param raise_on_failure [Boolean, nil] nil = as the class says, which by default is not to
    # @param resume_from [Integer, Hash, nil] what a `checkpoint` block was given in an earlier run: so many
    #   items of the producer are left out, whose blocks run as they always do
    # @param warmup [Boolean, nil] prepare the memory of the process? Garbage is collected before the first fork
    #   of the run (`Process.warmup` where Ruby has it), so that children share memory longer, unless little was
    #   allocated since the last time; with a child for each item memory is moved into huge pages, so that
    #   forks take less time; and what is allocated meanwhile comes in huge pages where the system lets
    #   programs ask for them. nil = as the class says, which by default is to.
    # @return [Integer] items produced; the value given to {#stop!} of a run that was ended by it
    # @raise [Minigun::Error] for a bad definition, before anything has started
    # @raise [ArgumentError] for a position that does not fit, or a `warmup` that is neither true nor false
    # @raise [ItemsFailed] with the report, when that is wanted and items failed
    def run(raise_on_failure: nil, resume_from: nil, warmup: nil)
      state = InstanceState.of(self)
      Minigun::Runner.new(state.task, self, pipeline: state.build, raise_on_failure: raise_on_failure,
                                            resume_from: resume_from, warmup: warmup).run
    end
    alias go_brr! run
    alias go_brrr! run
    alias go_brrrr! run
    alias go_brrrrr! run

    # Evaluates the definition and runs it, with nothing around it.
    # @param (see #run)
    # @return [Integer] items produced
    # @raise (see #run)
    def perform(raise_on_failure: nil, resume_from: nil, warmup: nil)
      pipeline = InstanceState.of(self).build
      count = pipeline.run(self, resume_from: resume_from, warmup: warmup)
      Report.check(pipeline, raise_on_failure)
      count
    end
    alias execute perform

    # Adds to the definition for this instance alone, after what the class says. The whole is
    # evaluated at once, so that a mistake shows here.
    # @param name [Symbol, nil] nil adds to the root pipeline
    # @param options [Hash] `to` and `from` of a pipeline that has a name
    # @return [void]
    # @raise [ArgumentError, Minigun::Error] for a bad definition
    def pipeline(name = nil, options = {}, &block)
      InstanceState.of(self).define(name, options, block)
    end

    # Ends the run from any block, in whatever thread or process: producers are stopped, items that wait for
    # this stage and for the stages before it are dropped (they count as abandoned), blocks that run come to
    # their end, and what the stages behind it have got is worked off. The first call of a run counts.
    #
    # It returns, except to a producer; a block that has nothing more to do says `next`.
    # @param value [Object] what {#run} returns then, and {Report#value}; without one {#run} returns the
    #   number of items produced
    # @return [nil]
    # @raise [Minigun::Error] outside a stage block
    # @raise [SerializationError] in a child, when the value cannot be sent
    def stop!(*value)
      return super if defined?(super)

      scope = Scope.current or raise Error, "stop! called outside a stage block"
      scope.stop!(*value)
    end

    # @return [Integer, nil] inside a stage block the attempt at the item, from 1
    def attempt
      return super if defined?(super)

      Scope.current&.attempt
    end

    # @return [Report, nil] the full account of the last run of this instance
    def report
      return super if defined?(super)

      InstanceState.of(self).root&.report
    end
  end
end
