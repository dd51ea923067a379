# frozen_string_literal: true

require_relative "../reconnect"
require_relative "definition"
require_relative "shared_readers"

module Minigun
  module DSL
    # What a class can say once it has included the DSL.
    module ClassMethods
      # @param count [Integer] threads of a pool that is given no size
      # @return [void]
      # @raise [ArgumentError] unless it is a positive Integer
      def max_threads(count)
        _minigun_task.set_config(:max_threads, count)
      end

      # @param count [Integer] processes of a pool that is given no size
      # @return [void]
      # @raise [ArgumentError] unless it is a positive Integer
      def max_processes(count)
        _minigun_task.set_config(:max_processes, count)
      end

      # @param count [Integer] items of a batch, for accumulators that are given no size
      # @return [void]
      # @raise [ArgumentError] unless it is a positive Integer
      # @see BatchRules
      def accumulator_max_single(count)
        _minigun_task.set_config(:accumulator_max_single, count)
      end

      # @param count [Integer] items of all open batches of an accumulator with `by`, where it is given no
      #   `max_total`
      # @return [void]
      # @raise [ArgumentError] unless it is a positive Integer
      # @see BatchRules
      def accumulator_max_all(count)
        _minigun_task.set_config(:accumulator_max_all, count)
      end

      # Further attempts at items that fail, of stages that do not say `retries` themselves. Producers
      # are left out. Where this was never said there are none.
      # @param count [Integer] 0 or more
      # @return [void]
      # @raise [ArgumentError] for anything else
      # @see Recovery
      def max_retries(count)
        _minigun_task.set_config(:max_retries, count)
        _minigun_task.set_config(:retries, count)
      end

      # What child processes add to the instance's containers stays in the children.
      # @param value [Boolean]
      # @return [void]
      def isolate_state(value = true) # rubocop:disable Style/OptionalBooleanParameter
        _minigun_task.set_config(:isolate_state, value)
      end

      # A run in which items failed raises {ItemsFailed}, which has the report, when it is over. The
      # option of the same name of {DSL#run} is stronger.
      # @param value [Boolean]
      # @return [void]
      def raise_on_failure(value = true) # rubocop:disable Style/OptionalBooleanParameter -- a word, not a question
        _minigun_task.set_config(:raise_on_failure, value)
      end

      # Whether a run prepares the memory of the process, for forks above all: see {DSL#run}.
      # The option of the same name of {DSL#run} is stronger.
      # @param value [Boolean] true by default
      # @return [void]
      # @raise [ArgumentError] for a value that is neither true nor false
      def warmup(value = true) # rubocop:disable Style/OptionalBooleanParameter -- a word, not a question
        _minigun_task.set_config(:warmup, value)
      end

      # Numbers that all processes of a run change and see at any moment. Each instance has its own; it
      # answers to the name, unless the class has a method of that name ({Scope#shared} and
      # {Minigun.shared} find it in any case).
      # @example
      #   shared_counter :sent
      #   ...
      #   process_per_batch(max: 4) { consumer(:mail) { |batch| sent.increment(batch.size) } }
      # @param names [Array<Symbol>]
      # @param value [Integer] to begin with
      # @return [void]
      # @raise [ArgumentError] for a name that every object, or every class with this DSL, answers to
      # @see SharedCounter
      def shared_counter(*names, value: 0)
        SharedReaders.declare(self, :shared_counter, SharedCounter, names, value: value)
      end

      # Arrays that all processes of a run append to and see at any moment.
      # @param names [Array<Symbol>]
      # @param capacity [Integer] bytes each may take; memory is taken as it is used
      # @return [void]
      # @raise (see #shared_counter)
      # @see SharedArray
      def shared_array(*names, capacity: SharedCollection::DEFAULT_CAPACITY)
        SharedReaders.declare(self, :shared_array, SharedArray, names, capacity: capacity)
      end

      # Hashes that all processes of a run change and see at any moment.
      # @param (see #shared_array)
      # @return [void]
      # @raise (see #shared_counter)
      # @see SharedHash
      def shared_hash(*names, capacity: SharedCollection::DEFAULT_CAPACITY)
        SharedReaders.declare(self, :shared_hash, SharedHash, names, capacity: capacity)
      end

      # Sets that all processes of a run add to and see at any moment: {SharedSet#add?} says true once for
      # each value in the whole job.
      # @param (see #shared_array)
      # @return [void]
      # @raise (see #shared_counter)
      # @see SharedSet
      def shared_set(*names, capacity: SharedCollection::DEFAULT_CAPACITY)
        SharedReaders.declare(self, :shared_set, SharedSet, names, capacity: capacity)
      end

      # Mutexes between all threads and processes of a run, which survive the death of their holder.
      # @param names [Array<Symbol>]
      # @return [void]
      # @raise (see #shared_counter)
      # @see SharedMutex
      def mutex(*names)
        SharedReaders.declare(self, :mutex, SharedMutex, names)
      end

      # Semaphores between all threads and processes of a run; what a process holds that dies comes back.
      # @param names [Array<Symbol>]
      # @param permits [Integer] how many may hold one at once
      # @return [void]
      # @raise (see #shared_counter)
      # @see SharedSemaphore
      def semaphore(*names, permits:)
        SharedReaders.declare(self, :semaphore, SharedSemaphore, names, permits: permits)
      end

      # The word of the same name of a `pipeline` block, for all forks of the class's pipelines.
      # @param (see PipelineDSL#reconnect)
      # @return [void]
      # @raise (see PipelineDSL#reconnect)
      def reconnect(*libraries, stage: nil, **places)
        Reconnect.hooks(libraries, places)
        pipeline { reconnect(*libraries, stage: stage, **places) }
      end

      # Describes a pipeline; the block is evaluated at each run, for the instance that runs.
      # @param name [Symbol, nil] nil adds to the root pipeline, a name makes a pipeline of its own
      # @param options [Hash] `to` and `from`: stages or pipelines of the root
      # @return [void]
      # @raise [ArgumentError] for a bad name or a missing block
      def pipeline(name = nil, options = {}, &block)
        _minigun_definition.add(name, options, block)
        nil
      end

      # @return [Task] the configuration, and the pipeline that was built last
      def _minigun_task
        _minigun_definition.task
      end

      # @return [Array<Proc>] the blocks without a name, inherited ones first
      def _pipeline_definition_blocks
        _minigun_definition.entries.reject(&:name).map(&:block)
      end

      # @api private
      def _minigun_definition
        Definition.find(self)
      end

      # @api private
      def inherited(subclass)
        super
        Definition.give(subclass, _minigun_definition.inherit)
      end

      # A module that includes the DSL hands it on.
      # @api private
      def included(base)
        super
        unless base.is_a?(ClassMethods)
          base.extend(ClassMethods)
          Definition.give(base, _minigun_definition.inherit)
        end
        base._minigun_definition.absorb(self)
      end
    end
  end
end
