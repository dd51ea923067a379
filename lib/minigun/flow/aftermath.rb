# frozen_string_literal: true

require_relative "../dead_letter"
require_relative "../execution/local_scope"
require_relative "../suggestion"
require_relative "graph"

module Minigun
  class Flow
    # What follows when an item of a stage has failed for good: the `on_failure` hooks, then a letter to
    # the stage that `dead_letter` names.
    #
    # The stages that letters go to and all behind them send none: what fails there would come back to
    # them for ever.
    #
    # @api private
    class Aftermath
      class << self
        # Gives each node of the run its own, where there is anything to do.
        #
        # @param flow [Flow]
        # @param members [Array<Plan::Member>]
        # @yieldparam member [Plan::Member]
        # @yieldreturn [Hash{Symbol => Array<Node::Target>}] what the names mean there
        # @raise [Error] for a name that is no stage
        def attach(flow, members, &directory)
          letters = members.flat_map do |member|
            member.nodes.values.map { |node| [member, node, address(member, node, directory)] }
          end
          receivers = letters.flat_map { |_, _, targets| targets.to_a }
          behind = Graph.behind(receivers.flat_map { |target| target.node.parts })
          letters.each do |member, node, targets|
            place(flow, member, node, behind.key?(node) ? nil : targets)
          end
        end

        private

        def place(flow, member, node, targets)
          hooks = surrounding(member) + member.pipeline.stage_hooks(:on_failure, node.name)
          return if hooks.empty? && targets.nil?

          aftermath = new(flow, hooks, targets)
          node.parts.flat_map { |part| [part, part.batch_node].compact }.each { |part| part.aftermath = aftermath }
        end

        # @return [Array<Node::Target>, nil]
        def address(member, node, directory)
          name = node.stage.options[:dead_letter]
          name = nearest(member) if name.nil?
          return if node.producer? || !name

          names = directory.call(member)
          names.fetch(name) do
            raise Error, "[Pipeline:#{member.pipeline.name}] dead_letter of stage #{node.name.inspect} names stage " \
                         "#{name.inspect}, which is not defined.#{Suggestion.for(name, names.keys)}"
          end
        end

        def nearest(member)
          member.pipeline.dead_letter || (member.outer && nearest(member.outer))
        end

        # Hooks of the pipelines around a stage, outer ones first.
        def surrounding(member)
          own = member.pipeline.hooks_for(:on_failure)
          outer = member.outer or return own

          surrounding(outer) + outer.pipeline.stage_hooks(:on_failure, member.stage.name) + own
        end
      end

      # @return [Array<Node::Target>] where letters go
      attr_reader :targets

      # @param flow [Flow]
      # @param hooks [Array<Proc>]
      # @param targets [Array<Node::Target>, nil]
      def initialize(flow, hooks, targets)
        @flow = flow
        @hooks = hooks.dup.freeze
        @targets = targets.to_a
      end

      # @param node [Node]
      # @param item [Object, nil] nil of a producer
      # @param error [Exception]
      # @param attempt [Integer] the last one
      # @return [void]
      def call(node, item, error, attempt)
        return if @flow.aborting?

        @hooks.each { |hook| run(hook, node, item, error) }
        return if @targets.empty?

        node.post(@targets, DeadLetter.new(item: item, error: error, stage: node.name, attempts: attempt))
      rescue ClosedQueueError
        # The run is being given up.
        nil
      end

      private

      # What a hook emits goes where the stage's own emissions go.
      def run(hook, node, item, error)
        arguments = [item, error, node.name]
        arguments = arguments.first(hook.arity) if hook.lambda? && hook.arity >= 0
        scope = Execution::LocalScope.for(node)
        scope.enter { node.work.context.instance_exec(*arguments, &hook) }
      rescue StandardError => e
        @flow.hook_failed(node, :on_failure, e)
      end
    end
  end
end
