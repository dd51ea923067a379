# frozen_string_literal: true

module Minigun
  module Execution
    module State
      # What the containers of a user's instance held at one moment, kept at a cost that depends on
      # their number and on the keys of Hashes, never on the length of Arrays.
      #
      # @api private
      class Snapshot
        # @param context [Object] the user's instance
        # @return [Snapshot, nil] nil when it has no container
        def self.of(context)
          containers = Native.containers(context, RESERVED)
          new(context, containers) if containers
        end

        # @param context [Object] the user's instance
        # @param containers [Hash{Symbol => Object}, nil] by variable
        def initialize(context, containers = Native.containers(context, RESERVED))
          @context = context
          @marks = marks(containers || {})
        end

        # @return [Native::Watch] over the containers
        def watch = Native::Watch.new(@context, @marks.transform_values(&:object))

        # What was added since the last call. A variable that holds another object now was
        # reassigned: that stays in the child.
        #
        # @yieldparam variable [Symbol]
        # @yieldparam kind [Symbol] of the problem, for warnings that are given once
        # @yieldparam reason [String] why something in the variable is not merged
        # @return [Array<Array(Symbol, Array)>] pairs of variable and change
        def changes
          @marks.filter_map do |name, mark|
            next unless @context.instance_variable_get(name).equal?(mark.object)

            change = mark.change { |kind, reason| yield name, kind, reason }
            [name, change] if change
          end
        end

        private

        # A container belongs to the first variable that holds it, and to a Hash only when none does.
        def marks(variables)
          growing = variables.select { |_name, value| State.growing?(value) }
          seen = {}.compare_by_identity
          growing.each { |name, value| seen[value] ||= name }
          growing.select { |name, value| seen[value] == name }
                 .transform_values { |value| State.build_mark(value, seen) }
        end
      end
    end
  end
end
