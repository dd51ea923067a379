# frozen_string_literal: true

module Minigun
  class Flow
    # Chooses where an item goes that a {RouterStage} passes on.
    #
    # @api private
    class Router
      # Finds out which stages have a router right before them.
      module Survey
        class << self
          # @param member [Plan::Member] the pipeline
          # @param stage [Stage]
          # @return [Boolean] may a router give an item to a certain slot of the stage?
          def lanes?(member, stage)
            pipeline = member.pipeline
            before = pipeline.dag.upstream(stage.name).flat_map { |name| at_the_end(pipeline, name) }
            return true if before.any? { |router, branches| router.lanes?(branches) }

            outer = member.outer
            outer ? pipeline.entry_stage == stage.name && lanes?(outer, member.stage) : false
          end

          private

          # @return [Array<Array(RouterStage, Integer)>] routers that have the last word on what comes from
          #   this stage, and how many stages each has behind it
          def at_the_end(pipeline, name, branches = pipeline.dag.downstream(name).size)
            stage = pipeline.stages[name]
            return [[stage, branches]] if stage.is_a?(RouterStage)
            return [] unless stage&.composite? && stage.pipeline

            inner = stage.pipeline
            inner.dag.terminals.flat_map { |last| at_the_end(inner, last, branches) }
          end
        end
      end

      # @param stage [RouterStage]
      # @param context [Object] the user's instance
      # @param targets [Array<Node::Target>]
      # @return [Router]
      def self.for(stage, context, targets)
        kind = { PartitionStage => Partition, RoundRobinStage => RoundRobin, BroadcastStage => Broadcast }
        kind.fetch(stage.class).new(stage, context, targets)
      end

      # @param (see .for)
      def initialize(stage, context, targets)
        @stage = stage
        @context = context
        @lanes = targets.map { |target| target.node.parts.map { |part| Node::Target.new(part, target.entered) } }
        @choices = targets.size == 1 ? @lanes.first : targets
      end

      # @param item [Object]
      # @return [Array<Node::Target>]
      # @raise [StandardError] what a partition's block raises
      def call(item)
        @choices.empty? ? @choices : choose(item)
      end

      # The same for all items of one key.
      class Partition < Router
        private

        def choose(item)
          rest, index = @stage.key(@context, item).hash.divmod(@lanes.size)
          slots = @lanes[index]
          [slots[rest % slots.size]]
        end
      end

      # Each in turn.
      class RoundRobin < Router
        private

        def choose(_item)
          @turn = @turn ? (@turn + 1) % @choices.size : 0
          [@choices[@turn]]
        end
      end

      # All.
      class Broadcast < Router
        private

        def choose(_item) = @choices
      end
    end
  end
end
