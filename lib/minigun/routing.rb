# frozen_string_literal: true

require_relative "errors"
require_relative "suggestion"

module Minigun
  # Completes the graph of a pipeline: the edges nobody wrote, then the check of all of them.
  #
  # 1. A producer without a target feeds the first stage after it that is not a producer.
  # 2. Any other stage without a target feeds the next stage that is not a producer, unless both
  #    are pipelines, both are branches of one fan-out, or the edge would close a cycle.
  # 3. Nothing is added to or from a stage that dead letters go to.
  # 4. Every name in an edge or a hook must be a stage.
  #
  # Applying it again changes nothing.
  class Routing
    # The node that stands for items from outside the pipeline.
    INPUT = :_input

    # @param dag [DAG]
    # @return [String] all edges in one line
    def self.describe(dag)
      joined = dag.nodes.reject { |node| dag.terminal?(node) }
      return "#{dag.nodes.size} stages, nothing joined" if joined.empty?

      joined.map { |node| "#{node} \u2192 #{dag.downstream(node).join(", ")}" }.join("; ")
    end

    # @param pipeline [Pipeline]
    # @param hooks [Hooks] those of the pipeline
    def initialize(pipeline, hooks)
      @pipeline = pipeline
      @hooks = hooks
      @dag = pipeline.dag
      @stages = pipeline.stages
      letters = [pipeline.dead_letter, *@stages.each_value.map { |stage| stage.options[:dead_letter] }]
      @order = pipeline.stage_order.uniq
      @chained = @order - letters
    end

    # @return [void]
    # @raise [Minigun::Error] for a name that is no stage, or a cycle
    def apply
      @order.each { |name| @dag.add_node(name) }
      @order = @chained
      route_input if @pipeline.input_queue
      route_producers
      fill_gaps
      check
    end

    private

    def route_input
      first = @order.find { |name| !producer?(name) }
      first ? @dag.add_edge(INPUT, first) : @dag.add_node(INPUT)
    end

    def route_producers
      @order.each_with_index do |name, index|
        next unless producer?(name) && @dag.terminal?(name)

        target = followers(index).find { |other| !producer?(other) && acyclic?(name, other) }
        @dag.add_edge(name, target) if target
      end
    end

    def fill_gaps
      @order.each_with_index do |name, index|
        next if producer?(name) || !@dag.terminal?(name)

        target = candidate(name, index)
        @dag.add_edge(name, target) if target && connectable?(name, target)
      end
    end

    # The next stage that takes items. Looking past a producer stops at one that feeds this very
    # stage: what follows it is a branch beside this stage, not its continuation.
    def candidate(name, index)
      followers(index).each do |other|
        return other unless producer?(other)
        return nil unless acyclic?(name, other)
      end
      nil
    end

    def connectable?(name, target)
      return false if composite?(name) && composite?(target)
      return false if @dag.fan_out_siblings?(name, target)

      acyclic?(name, target)
    end

    def acyclic?(from, to)
      !@dag.would_create_cycle?(from, to)
    end

    def followers(index)
      @order.drop(index + 1)
    end

    def producer?(name)
      @stages[name]&.producer? || false
    end

    def composite?(name)
      @stages[name]&.composite? || false
    end

    def check
      @dag.validate!
      missing = @dag.nodes.find { |name| name != INPUT && !@stages.key?(name) }
      unknown(missing, "the routing (#{edges_of(missing)})") if missing
      @hooks.stage_pairs.each { |type, name| check_hook(type, name) }
    end

    def check_hook(type, name)
      return check_pipeline_hook(type, name) if @stages.key?(name)

      owner = @pipeline.each_inner.find { |inner| inner.stages.key?(name) }
      unknown(name, "a #{type} hook") unless owner
      Suggestion.warn_once([:foreign_hook, @pipeline.name, type, name],
                           "[Pipeline:#{@pipeline.name}] the #{type} hook of #{name.inspect} never runs " \
                           "here: that stage belongs to pipeline #{owner.name.inspect}")
    end

    # Items stream through a pipeline side by side: there is no moment before or after one of them.
    def check_pipeline_hook(type, name)
      return unless composite?(name) && %i[before after].include?(type)

      Suggestion.warn_once([:pipeline_hook, @pipeline.name, type, name],
                           "[Pipeline:#{@pipeline.name}] the #{type} hook of #{name.inspect} never runs: that is " \
                           "a pipeline, hook one of its stages instead")
    end

    def unknown(name, place)
      raise Error, "[Pipeline:#{@pipeline.name}] #{place} names stage #{name.inspect}, " \
                   "which is not defined.#{Suggestion.for(name, @stages.keys)}"
    end

    def edges_of(name)
      from = @dag.upstream(name).map { |other| "#{other.inspect} to it" }
      to = @dag.downstream(name).map { |other| "it to #{other.inspect}" }
      (from + to).join(", ")
    end
  end
end
