# frozen_string_literal: true

require_relative "../pipeline"
require_relative "contexts"
require_relative "gathering_words"
require_relative "pipeline_dsl"

module Minigun
  # Turns the words of `pipeline` blocks into stages, edges and hooks of one pipeline.
  #
  # It keeps what the words share: the surrounding context block, the named contexts, and the
  # numbers of unnamed batches.
  # @api private
  class PipelineBuilder
    # A context and the stage options that a block around the stages gives them.
    Frame = Struct.new(:context, :options)
    private_constant :Frame

    CONTEXT_OPTIONS = (%i[isolate] + Recovery::OPTIONS + Limits::OPTIONS).freeze
    private_constant :CONTEXT_OPTIONS

    # Emits the elements of a batch.
    DEBATCH = proc do |batch|
      unless batch.is_a?(Array)
        raise TypeError, "debatch takes Arrays, got #{Failure.describe(batch)} (#{Intrinsic.class_of(batch)})"
      end

      batch.each { |item| Scope.current.emit(item) }
    end
    private_constant :DEBATCH

    # @return [Pipeline]
    attr_reader :pipeline
    # @return [Object, nil] whose variables and methods the blocks see
    attr_reader :instance

    # @param pipeline [Pipeline]
    # @param instance [Object, nil]
    # @param outer [PipelineBuilder, nil] of the block around this one: its contexts apply inside too
    def initialize(pipeline, instance, outer: nil)
      @pipeline = pipeline
      @instance = instance
      @contexts = outer ? outer.contexts.dup : {}
      @frame = outer&.frame
      @starts = outer ? outer.starts : {}.compare_by_identity
    end

    # Evaluates one block.
    # @param block [Proc]
    # @param variables_of [Object] its instance variables are copied into the block's self
    # @return [void]
    def evaluate(block, variables_of: instance)
      @next_number = Hash.new { |numbers, word| numbers[word] = first_number(word, block) }
      PipelineDSL.new(self, variables_of).instance_exec(&block)
    end

    # @param type [Symbol] the word
    # @param name [Symbol]
    # @param options [Hash]
    # @param block [Proc]
    # @return [void]
    def stage(type, name, options, block)
      need_block("#{type} #{name.inspect}", block) unless Component.given?(type, options)
      pipeline.add_stage(type, name, in_context(options, producer: Limits.producer?(block, type)), &block)
    end

    # @param (see #stage)
    # @return [void]
    def accumulator(name, options, block)
      pipeline.add_stage(:accumulator, name, in_context(options), &block)
    end

    # @param size [Integer, nil]
    # @param options [Hash]
    # @param block [Proc, nil]
    # @return [void]
    def batch(size, options, block)
      Width.check("batch: the size", size)
      accumulator(next_name(:batch), { max_size: size }.merge(options), block)
    end

    # Runs in the parent, whatever is around it: there is nothing to do that would be worth a child.
    # @param options [Hash]
    # @return [void]
    def debatch(options)
      options = in_context(options) if options[:execution_context]
      pipeline.add_stage(:processor, next_name(:debatch), options, &DEBATCH)
    end

    # Runs in the parent, like {#debatch}.
    # @param type [Symbol] `:partition`, `:round_robin` or `:broadcast`
    # @param options [Hash]
    # @return [void]
    def router(type, options)
      pipeline.add_stage(type, next_name(type), options)
    end

    # @param word [Symbol]
    # @param context [Hash]
    # @param options [Hash] for the stages inside
    # @yield evaluates the block with the context around it
    # @return [void]
    def within(word, context, options, block)
      need_block(word, block)
      check_context_options(word, context, options)
      outer = @frame
      begin
        @frame = Frame.new(context, options)
        yield
      ensure
        @frame = outer
      end
    end

    # @param name [Symbol]
    # @param type [Symbol]
    # @param size [Integer, nil]
    # @return [void]
    def name_context(name, type, size)
      @contexts[name] = ContextWords.named(name, type, size)
    end

    # @param every [Integer]
    # @param block [Proc]
    # @return [void]
    # @raise [ArgumentError]
    def checkpoint(every, block)
      need_block("checkpoint", block)
      pipeline.checkpoints << [Width.require("checkpoint: every", every), block]
    end

    # @param type [Symbol]
    # @param stage [Symbol, nil] nil for a hook of the pipeline itself
    # @param block [Proc]
    # @return [void]
    def hook(type, stage, block)
      return pipeline.add_hook(type, &block) if stage.nil?

      pipeline.add_stage_hook(type, stage, &block)
    end

    # @param hooks [Hash{Symbol => Proc}] those of forks, and `before_run`
    # @param stage [Symbol, nil]
    # @return [void]
    def reconnect(hooks, stage)
      hooks.each { |type, block| hook(type, (stage unless type == :before_run), block) }
    end

    # @param name [Symbol]
    # @return [void]
    def dead_letter(name)
      unless name.is_a?(Symbol) || name.is_a?(String)
        raise ArgumentError, "dead_letter: a stage name is needed, got #{name.inspect}"
      end

      pipeline.dead_letter = name
    end

    # @param name [Symbol]
    # @param options [Hash]
    # @param block [Proc]
    # @param variables_of [Object]
    # @return [void]
    def nest(name, options, block, variables_of: instance)
      need_block("pipeline #{name.inspect}", block)
      inner = pipeline.add_pipeline(name, options)
      PipelineBuilder.new(inner, instance, outer: self).evaluate(block, variables_of: variables_of)
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{pipeline.name.inspect}>"
    end

    protected

    attr_reader :contexts, :frame, :starts

    private

    def need_block(label, block)
      raise ArgumentError, "#{label}: a block is needed" unless block
    end

    def check_context_options(word, context, options)
      unknown = (options.keys - CONTEXT_OPTIONS).first
      return [Recovery, Limits].each { |kind| kind.check(word.to_s, options, context) } unless unknown

      raise ArgumentError, "#{word}: unknown option #{unknown.inspect}." \
                           "#{Suggestion.for(unknown, CONTEXT_OPTIONS)}"
    end

    # Of what surrounds a producer, that which is for stages that take items is not for him.
    def in_context(options, producer: false)
      raise ArgumentError, "options must be a Hash, got #{options.inspect}" unless options.is_a?(Hash)

      name = options[:execution_context]
      context = name ? named_context(name) : @frame&.context
      return options unless context

      around = @frame ? @frame.options : {}
      around = around.except(*Limits::OPTIONS) if producer
      around.merge(_execution_context: context).merge(options)
    end

    def named_context(name)
      @contexts.fetch(name) do
        raise ArgumentError, "Unknown execution context: #{name.inspect}." \
                             "#{Suggestion.for(name, @contexts.keys)}"
      end
    end

    # A block that is evaluated again (a file was loaded twice) gets its own numbers again.
    def first_number(word, block)
      starts = (@starts[pipeline] ||= {})
      starts[[word, block.source_location]] ||= (0..).find { |n| !pipeline.stages.key?(:"_#{word}_#{n}") }
    end

    # @param word [Symbol]
    # @return [Symbol] of a stage that the user gives no name
    def next_name(word)
      number = @next_number[word]
      @next_number[word] += 1
      :"_#{word}_#{number}"
    end
  end
  private_constant :PipelineBuilder
end
