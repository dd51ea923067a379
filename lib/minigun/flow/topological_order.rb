# frozen_string_literal: true

module Minigun
  class Flow
    # Puts the nodes of a graph in an order in which each stands before those that it feeds.
    #
    # @api private
    module TopologicalOrder
      class << self
        # @param nodes [Array<Node>]
        # @return [Array<Node>]
        def of(nodes)
          order = []
          seen = {}.compare_by_identity
          nodes.each { |node| visit(node, seen, order) }
          order.reverse
        end

        private

        # Depth first with an own stack: a chain may have thousands of stages.
        def visit(node, seen, order)
          stack = [[node, nil]]
          until stack.empty?
            current, following = stack.last
            unless following
              next stack.pop if seen[current]

              seen[current] = true
              following = stack.last[1] = successors(current)
            end
            nxt = following.shift
            nxt ? stack.push([nxt, nil]) : order << stack.pop.first
          end
        end

        def successors(node)
          [*node.targets.flat_map { |target| target.node.parts }, node.batch_node].compact
        end
      end
    end
  end
end
