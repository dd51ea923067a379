# frozen_string_literal: true

module Minigun
  class Flow
    # Questions to the graph of nodes.
    #
    # @api private
    module Graph
      class << self
        # @param nodes [Array<Node>]
        # @return [Array<Node>] in topological order
        def sort(nodes)
          order = []
          seen = {}.compare_by_identity
          nodes.each { |node| visit(node, seen, order) }
          order.reverse
        end

        # @param nodes [Array<Node>]
        # @return [Hash{Node => true}] by identity: these, and all that their items may get to
        def behind(nodes) = reach(nodes, &:successors)

        # @param nodes [Array<Node>] all there are
        # @param node [Node]
        # @return [Array<Node>] it, and all whose items may get there
        def up_to(nodes, node)
          before = {}.compare_by_identity
          nodes.each { |other| other.successors.each { |one| (before[one] ||= []) << other } }
          reached = reach([node]) { |one| before.fetch(one, []) }
          nodes.select { |other| reached.key?(other) }
        end

        private

        # @yieldparam node [Node]
        # @yieldreturn [Array<Node>] to go on with
        def reach(nodes)
          seen = {}.compare_by_identity
          waiting = nodes.dup
          while (node = waiting.pop)
            next if seen.key?(node)

            seen[node] = true
            waiting.concat(yield(node))
          end
          seen
        end

        # Depth first with an own stack: a chain may have thousands of stages.
        def visit(node, seen, order)
          stack = [[node, nil]]
          until stack.empty?
            current, following = stack.last
            unless following
              next stack.pop if seen[current]

              seen[current] = true
              following = stack.last[1] = following_of(current)
            end
            nxt = following.shift
            nxt ? stack.push([nxt, nil]) : order << stack.pop.first
          end
        end

        # What a letter goes to may still get some when the stage that sends it is over.
        def following_of(node)
          node.successors + (node.aftermath ? node.aftermath.targets.flat_map { |target| target.node.parts } : [])
        end
      end
    end
  end
end
