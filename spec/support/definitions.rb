# frozen_string_literal: true

# Classes that use the DSL, and what their definitions say without running them.
module Definitions
  # @return [Class] with the DSL included and the block as its body
  def dsl_class(parent = Object, &body)
    Class.new(parent) do
      include Minigun::DSL unless self < Minigun::DSL
      class_eval(&body) if body
    end
  end

  # @return [Minigun::Pipeline] the root that a run of the instance would use, not routed yet
  def root_of(instance)
    instance.class._minigun_definition.build(instance)
  end

  # @return [Minigun::Pipeline] the root of a class whose only unnamed block is this one
  def root_with(&block)
    root_of(dsl_class { pipeline(&block) }.new)
  end

  # @return [Minigun::Pipeline] the same pipeline with its default edges
  def routed(pipeline)
    pipeline.send(:build_dag_routing!)
    pipeline
  end

  # @return [Hash{Symbol=>Array<Symbol>}] targets of every node that has some
  def edges_of(pipeline)
    pipeline.dag.edges.reject { |_node, targets| targets.empty? }
  end
end
