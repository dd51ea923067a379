# frozen_string_literal: true

require_relative "errors"

module Minigun
  # A directed graph of stage names that never holds a cycle.
  #
  # Nodes and edges keep the order in which they were added, and every answer is in that order.
  class DAG
    # @return [Array<Symbol>] in insertion order
    attr_reader :nodes
    # @return [Hash{Symbol=>Array<Symbol>}] targets by node
    attr_reader :edges

    def initialize
      @nodes = []
      @edges = {}
      @reverse_edges = {}
    end

    # @param node [Symbol]
    # @return [void]
    def add_node(node)
      return if @edges.key?(node)

      @nodes << node
      @edges[node] = []
      @reverse_edges[node] = []
    end

    # Adds missing nodes; an edge that is there already is left as it is.
    # @param from [Symbol]
    # @param to [Symbol]
    # @return [void]
    # @raise [Minigun::Error] when the edge would close a cycle
    def add_edge(from, to)
      add_node(from)
      add_node(to)
      return if @edges[from].include?(to)

      if would_create_cycle?(from, to)
        raise Error, "Circular dependency: #{from.inspect} -> #{to.inspect} would close a cycle"
      end

      @edges[from] << to
      @reverse_edges[to] << from
    end

    # @param node [Symbol] loses all its outgoing edges
    # @return [void]
    def remove_edges_from(node)
      downstream(node).each { |target| @reverse_edges[target]&.delete(node) }
      @edges[node]&.clear
    end

    # @param node [Symbol]
    # @return [Array<Symbol>] the nodes it leads to
    def downstream(node)
      @edges.fetch(node, []).dup
    end

    # @param node [Symbol]
    # @return [Array<Symbol>] the nodes that lead to it
    def upstream(node)
      @reverse_edges.fetch(node, []).dup
    end

    # @param node [Symbol]
    # @return [Boolean] whether nothing follows
    def terminal?(node)
      @edges.fetch(node, []).empty?
    end

    # @param node [Symbol]
    # @return [Boolean] whether nothing comes before
    def source?(node)
      @reverse_edges.fetch(node, []).empty?
    end

    # @return [Array<Symbol>]
    def terminals
      @nodes.select { |node| terminal?(node) }
    end

    # @return [Array<Symbol>]
    def sources
      @nodes.select { |node| source?(node) }
    end

    # @param node [Symbol]
    # @return [Array<Symbol>] the nodes that share a parent with it
    def siblings(node)
      upstream(node).flat_map { |parent| downstream(parent) }.uniq - [node]
    end

    # @param left [Symbol]
    # @param right [Symbol]
    # @return [Boolean] whether they share a parent and neither leads straight to the other
    def fan_out_siblings?(left, right)
      return false unless siblings(left).include?(right)

      !downstream(left).include?(right) && !downstream(right).include?(left)
    end

    # @param from [Symbol]
    # @param to [Symbol]
    # @return [Boolean] whether an edge between them would close a cycle
    def would_create_cycle?(from, to)
      from == to || reaches?(to, from)
    end

    # @return [Array<Symbol>] sources first; empty when there is a cycle
    def topological_sort
      sorted = execution_groups.flatten(1)
      sorted.size == @nodes.size ? sorted : []
    end

    # @return [Array<Array<Symbol>>] levels: every node is in a later level than all its parents
    def execution_groups
      waiting = in_degrees
      groups = []
      group = @nodes.select { |node| waiting[node].zero? }
      until group.empty?
        groups << group
        group = next_group(group, waiting)
      end
      groups
    end

    # @return [nil]
    # @raise [Minigun::Error] when an edge leads to a node that is not there, or there is a cycle
    def validate!
      @edges.each do |from, targets|
        missing = targets.find { |target| !@edges.key?(target) }
        raise Error, "#{from.inspect} leads to #{missing.inspect}, which is not a node" if missing
      end
      return if @nodes.empty? || topological_sort.any?

      raise Error, "Circular dependency in #{@nodes.inspect}"
    end

    # Joins every node to the next one.
    # @return [void]
    def build_sequential!
      @nodes.each_cons(2) { |from, to| add_edge(from, to) }
    end

    # The same, only for nodes that lead nowhere yet.
    # @return [void]
    def fill_sequential_gaps!
      @nodes.each_cons(2) { |from, to| add_edge(from, to) if terminal?(from) }
    end

    # @return [String] one line a node
    def to_s
      lines = @nodes.map do |node|
        terminal?(node) ? "  #{node} (terminal)" : "  #{node} \u2192 #{downstream(node).join(", ")}"
      end
      ["DAG with #{@nodes.size} nodes:", *lines].join("\n")
    end

    private

    def initialize_copy(other)
      super
      @nodes = @nodes.dup
      @edges = @edges.transform_values(&:dup)
      @reverse_edges = @reverse_edges.transform_values(&:dup)
    end

    def reaches?(from, goal)
      seen = {}
      stack = [from]
      until stack.empty?
        node = stack.pop
        return true if node == goal
        next if seen[node]

        seen[node] = true
        stack.concat(@edges.fetch(node, []))
      end
      false
    end

    def in_degrees
      degrees = @nodes.to_h { |node| [node, 0] }
      @edges.each_value { |targets| targets.each { |target| degrees[target] = degrees.fetch(target, 0) + 1 } }
      degrees
    end

    def next_group(group, waiting)
      ready = {}
      group.each do |node|
        @edges[node].each { |target| ready[target] = true if (waiting[target] -= 1).zero? }
      end
      @nodes.select { |node| ready[node] }
    end
  end
end
