# frozen_string_literal: true

module Minigun
  module Execution
    module State
      # Takes out of a change what cannot travel: one such value costs only itself.
      #
      # @api private
      module Sendable
        module_function

        # @param change [Array]
        # @return [Array, nil] what is left of it, nil when that is nothing
        def part(change, depth = 0)
          kind, additions = change
          left = if kind == :hash
                   additions.filter_map { |entry| entry(entry, depth) }
                 else
                   additions.select { |value| travels?(value) }
                 end
          [kind, left] unless left.empty?
        end

        def entry(entry, depth)
          return entry if travels?(entry)

          key, how, value = entry
          return if how == :number || depth > MAX_DEPTH || !travels?(key)
          return unless how == :inside || State.container?(value)

          change = part(how == :inside ? value : State.all_of(value), depth + 1)
          [key, :inside, change] if change
        end

        # The user's own code (`marshal_dump`) may run, and raise anything.
        def travels?(value)
          Native.dump(value)
          true
        rescue StandardError, SystemStackError
          false
        end

        private_class_method :entry, :travels?
      end
    end
  end
end
