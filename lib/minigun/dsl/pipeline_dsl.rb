# frozen_string_literal: true

require_relative "../errors"
require_relative "../intrinsic"
require_relative "../reconnect"
require_relative "contexts"

module Minigun
  # Self inside a `pipeline` block.
  #
  # It has the instance variables of the user's object (copies: assigning one here does not change
  # the object) and passes on every method it does not know, private ones too. That is the reason
  # for `method_missing` here: to the user, the block reads as code of his own class. For the same
  # reason all that is not a word of the language has a reserved name.
  class PipelineDSL
    RESERVED = "@__minigun_"
    private_constant :RESERVED

    # Functions every object has; one that the user's class defines itself is meant instead.
    SHADOWED = Kernel.private_instance_methods(false).grep_v(/\A(initialize|respond_to)/).freeze
    private_constant :SHADOWED

    # @param builder [PipelineBuilder]
    # @param variables_of [Object, nil]
    def initialize(builder, variables_of)
      variables_of&.instance_variables&.each do |name|
        next if name.start_with?(RESERVED)

        instance_variable_set(name, variables_of.instance_variable_get(name))
      end
      @__minigun_builder = builder
      @__minigun_instance = instance = builder.instance
      SHADOWED.each do |name|
        next unless instance && PipelineDSL.user_defined?(instance, name)

        define_singleton_method(name) { |*args, **opts, &block| instance.__send__(name, *args, **opts, &block) }
      end
    end

    # @param object [Object]
    # @param name [Symbol] of a method of Kernel
    # @return [Boolean] whether the object has one of its own
    def self.user_defined?(object, name)
      Intrinsic.method(object, name).owner != Kernel
    end

    # A stage. A block without parameters produces items, any other is called once an item.
    # @param name [Symbol]
    #
    # In the place of a block `using` may have an object: one that answers `each` for a producer (there
    # `from` does as well), `process`, `call` or `write` for others; or a class, or an Array of a class
    # and arguments, to make one with where the stage runs (see {Component}).
    # @example
    #   producer :rows, from: CSV.foreach("rows.csv")
    #   processor :clean, using: Cleaner.new
    #   consumer :store, using: [Store, "rows.db"]
    # @param options [Hash] `to`, `from`, inline hooks, `execution_context`, `isolate`, and what is to
    #   happen to items that fail or take too long (see {Recovery})
    # @return [void]
    # @raise [ArgumentError] for a missing block, a bad name or an unknown context
    # @raise [Minigun::Error] for an edge that closes a cycle
    def stage(name, options = {}, &block)
      @__minigun_builder.stage(:stage, name, options, block)
      nil
    end

    # @!method producer(name, options = {}, &block)
    #   @see #stage
    # @!method processor(name, options = {}, &block)
    #   @see #stage
    # @!method consumer(name, options = {}, &block)
    #   @see #stage
    %i[producer processor consumer].each do |type|
      define_method(type) do |name, options = {}, &block|
        @__minigun_builder.stage(type, name, options, block)
        nil
      end
    end

    # @!method threads(size, isolate: false, **options, &block)
    #   The stages inside run in a pool of threads. They have the options, unless they say otherwise.
    #   @param options [Hash] see {Recovery}; those of children are for `processes` and
    #     `process_per_batch` alone
    #   @param size [Integer, nil] nil stands for `max_threads`
    #   @raise [ArgumentError]
    # @!method processes(size, isolate: false, **options, &block)
    #   The stages inside run in a pool of child processes.
    #   @param size [Integer, nil] nil stands for `max_processes`
    #   @raise [ArgumentError]
    # @!method ractors(size, isolate: false, **options, &block)
    #   The stages inside run in a pool of Ractors.
    #   @param size [Integer, nil] nil stands for 4
    #   @raise [ArgumentError]
    %i[threads processes ractors].each do |type|
      define_method(type) do |size, **options, &block|
        context = ContextWords.pool(type, type, size)
        @__minigun_builder.within(type, context, options, block) { instance_exec(&block) }
        nil
      end
    end

    # @!method thread_per_batch(max:, isolate: false, **options, &block)
    #   Every item of the stages inside gets a thread of its own.
    #   @param max [Integer, nil] threads at once; nil stands for 4
    #   @raise [ArgumentError]
    # @!method process_per_batch(max:, isolate: false, **options, &block)
    #   Every item of the stages inside gets a child process of its own.
    #   @param max [Integer, nil] processes at once; nil stands for 4
    #   @raise [ArgumentError]
    # @!method ractor_per_batch(max:, isolate: false, **options, &block)
    #   Every item of the stages inside gets a Ractor of its own.
    #   @param max [Integer, nil] Ractors at once; nil stands for 4
    #   @raise [ArgumentError]
    { thread_per_batch: :threads, process_per_batch: :processes,
      ractor_per_batch: :ractors }.each do |word, type|
      define_method(word) do |max:, **options, &block|
        context = ContextWords.per_batch(word, type, max)
        @__minigun_builder.within(word, context, options, block) { instance_exec(&block) }
        nil
      end
    end

    # Names a context for the stage option of the same name.
    # @param name [Symbol]
    # @param type [Symbol] `:threads`, `:processes`, `:ractors` or `:inline`
    # @param size [Integer, nil]
    # @return [void]
    # @raise [ArgumentError] for an unknown type or a bad size
    def execution_context(name, type, size = nil)
      @__minigun_builder.name_context(name, type, size)
      nil
    end

    # @!method before(stage, &block)
    #   Runs before each item of a stage, or before a producer.
    # @!method after(stage, &block)
    #   Runs after each item of a stage that went well, or after a producer.
    %i[before after].each do |type|
      define_method(type) do |stage, &block|
        raise ArgumentError, "#{type}: a stage name is needed" if stage.nil?

        @__minigun_builder.hook(type, stage, block)
        nil
      end
    end

    # @!method before_run(&block)
    #   Runs first of all.
    # @!method after_run(&block)
    #   Runs last of all, when every item is done and every child has ended.
    # @!method after_producer(&block)
    #   Runs once every producer of the pipeline has ended.
    %i[before_run after_run after_producer].each do |type|
      define_method(type) do |&block|
        @__minigun_builder.hook(type, nil, block)
        nil
      end
    end

    # @!method before_fork(stage = nil, &block)
    #   Runs in the parent before a child is forked.
    # @!method after_fork(stage = nil, &block)
    #   Runs in the child, first.
    # @!method before_exit(stage = nil, &block)
    #   Runs in the child, after its last item.
    %i[before_fork after_fork before_exit].each do |type|
      define_method(type) do |stage = nil, &block|
        @__minigun_builder.hook(type, stage, block)
        nil
      end
    end

    # Gives each child connections of its own to databases: fork hooks, at their place among the others. What
    # hooks behind it do finds them open.
    #
    # `:active_record` and `:sequel` know their connections. Those of `:pg`, `:mysql2` and `:redis` are found in
    # the instance variables of the job, and in Arrays and Hashes there; others are told. The objects stay, and
    # lead to a new session: its settings and prepared statements are made in an `after_fork` hook. The parent's
    # connections are not touched, files of SQLite excepted: those that nobody uses are closed before a fork.
    # @example
    #   reconnect :active_record, :redis
    #   reconnect pg: -> { Warehouse.connection }, mysql2: :@legacy
    #   after_fork { @connection.prepare("insert", "INSERT INTO rows VALUES ($1)") }
    # @param libraries [Array<Symbol>] `:active_record`, `:sequel`, `:redis`, `:pg`, `:mysql2`
    # @param stage [Symbol, nil] the children of that stage alone; nil: all of the pipeline
    # @param places [Hash{Symbol => Symbol, Array<Symbol>, Proc}] libraries, and for each names of instance
    #   variables, or a Proc that answers with a connection or several, self being the instance
    # @return [void]
    # @raise [MissingGem] when the library is not installed
    # @raise [ArgumentError]
    def reconnect(*libraries, stage: nil, **places)
      Reconnect.hooks(libraries, places).each { |hooks| @__minigun_builder.reconnect(hooks, stage) }
      nil
    end

    # Runs in the parent when an item has failed for good; what it emits goes where the stage's emissions
    # go. With threads or processes it may run several times at once.
    # @param stage [Symbol, nil] nil: for all stages, those of pipelines inside included
    # @yieldparam item [Object, nil] an Array when a whole batch failed; nil when a producer did; of an
    #   emission that could not leave a child a description
    # @yieldparam error [Exception] of the last attempt
    # @yieldparam name [Symbol] the stage
    # @return [void]
    # @raise [ArgumentError] for a missing block
    def on_failure(stage = nil, &block)
      @__minigun_builder.hook(:on_failure, stage, block)
      nil
    end

    # Sends items that have failed for good, as {DeadLetter}, to an ordinary stage: from all stages, those of
    # pipelines inside included, but not from that stage and those behind it. Nothing else leads there
    # unless it is said by `to:` or `from:`. The stage option of the same name is stronger.
    # @param stage [Symbol] may be defined later
    # @return [void]
    # @raise [ArgumentError] unless it is a name
    def dead_letter(stage)
      @__minigun_builder.dead_letter(stage)
      nil
    end

    # Gives a stage other targets.
    # @param from [Symbol]
    # @param to [Symbol, Array<Symbol>]
    # @return [void]
    # @raise [Minigun::Error] for a cycle
    def reroute_stage(from, to:)
      @__minigun_builder.pipeline.reroute_stage(from, to: to)
      nil
    end

    # A pipeline as a stage of this one.
    # @param name [Symbol]
    # @param options [Hash] `to` and `from`
    # @return [void]
    # @raise [ArgumentError] for a missing name or block
    def pipeline(name = nil, options = {}, &block)
      @__minigun_builder.nest(name, options, block, variables_of: self)
      nil
    end

    # Nothing runs while a pipeline is described.
    # @raise [Minigun::Error] always
    def emit(_item = nil)
      raise Error, "emit called in a pipeline block, outside a stage block"
    end

    # @raise [Minigun::Error] always
    def emit_to_stage(_name = nil, _item = nil)
      raise Error, "emit_to_stage called in a pipeline block, outside a stage block"
    end

    # A method of the instance as a stage's block: `processor :parse, &method(:parse)`. Here it has
    # the parameters it was written with, by which a stage knows what it is.
    # @param arguments [Array] a name; others when the user's class has a `method` of its own
    # @return [Method]
    # @raise [NameError] when neither the instance nor the language has one of that name
    def method(*arguments)
      instance = @__minigun_instance
      return super unless instance
      return instance.method(*arguments) if PipelineDSL.user_defined?(instance, :method)

      words = PipelineDSL.public_instance_methods(false) - Emission.instance_methods(false)
      return super if words.include?(arguments.first) || !respond_to_missing?(*arguments)

      Intrinsic.method(instance, *arguments)
    end

    # @return [String]
    def inspect
      "#<pipeline block of #{Intrinsic.class_of(@__minigun_instance)}>"
    end

    private

    def method_missing(name, ...)
      return @__minigun_instance.__send__(name, ...) if respond_to_missing?(name, true)

      text = "undefined method '#{name}' in a pipeline block of #{Intrinsic.class_of(@__minigun_instance)}"
      error = NoMethodError.new(text, name, receiver: self)
      error.set_backtrace(caller)
      raise error
    end

    def respond_to_missing?(name, _include_private = false)
      @__minigun_instance.respond_to?(name, true)
    end
  end
end
