# frozen_string_literal: true

require_relative "../pipeline"
require_relative "contexts"
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
      @batches = outer ? outer.batches : {}.compare_by_identity
    end

    # Evaluates one block.
    # @param block [Proc]
    # @param variables_of [Object] its instance variables are copied into the block's self
    # @return [void]
    def evaluate(block, variables_of: instance)
      @next_batch = first_batch(block)
      PipelineDSL.new(self, variables_of).instance_exec(&block)
    end

    # @param type [Symbol] the word
    # @param name [Symbol]
    # @param options [Hash]
    # @param block [Proc]
    # @return [void]
    def stage(type, name, options, block)
      need_block("#{type} #{name.inspect}", block)
      pipeline.add_stage(type, name, in_context(options, producer: Limits.producer?(block)), &block)
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
      accumulator(:"_batch_#{@next_batch}", { max_size: size }.merge(options), block)
      @next_batch += 1
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

    # @param type [Symbol]
    # @param stage [Symbol, nil] nil for a hook of the pipeline itself
    # @param block [Proc]
    # @return [void]
    def hook(type, stage, block)
      return pipeline.add_hook(type, &block) if stage.nil?

      pipeline.add_stage_hook(type, stage, &block)
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

    attr_reader :contexts, :frame, :batches

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
    def first_batch(block)
      starts = (@batches[pipeline] ||= {})
      starts[block.source_location] ||= (0..).find { |n| !pipeline.stages.key?(:"_batch_#{n}") }
    end
  end
  private_constant :PipelineBuilder
end
