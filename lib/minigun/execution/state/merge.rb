# frozen_string_literal: true

require_relative "../../clock"

module Minigun
  module Execution
    module State
      # Applies changes that came home to the parent's containers. The result does not depend on
      # which child ends first (of an Array, the order of whole children does).
      #
      # @api private
      module Merge
        # Seconds that a merge waits for an iteration in the parent to end.
        PATIENCE = 5.0
        # Seconds between two tries.
        PAUSE = 0.001
        private_constant :PATIENCE, :PAUSE

        module_function

        # @param context [Object] the user's instance in the parent
        # @param variable [Symbol] instance variable
        # @param change [Array] as made by {Snapshot#changes}
        # @return [Boolean] false when the parent's variable holds no such container any more
        def apply(context, variable, change)
          container = context.instance_variable_get(variable)
          return false unless fits?(container, change)

          apply_change(container, change)
          true
        rescue FrozenError
          false
        end

        # @api private
        def apply_change(container, change)
          kind, additions = change
          case kind
          when :array then container.concat(additions)
          when :set then patiently { container.merge(additions) }
          else additions.each { |key, how, value| apply_entry(container, key, how, value) }
          end
        end

        # @api private
        def fits?(container, change)
          case change.first
          when :array then container.is_a?(Array) && !container.frozen?
          when :set then container.is_a?(Set) && !container.frozen?
          else container.is_a?(Hash)
          end
        end

        # @api private
        def apply_entry(hash, key, how, value)
          return apply_inside(hash, key, value) if how == :inside
          return add_number(hash, key, value) if value.is_a?(Numeric)

          store(hash, key, hash.key?(key) ? combine(hash.fetch(key), value) : value)
        end

        # One expression reads and writes, as in the user's own `hash[key] += n`: no other thread of
        # the parent gets in between.
        def add_number(hash, key, value)
          return hash[key] += value if hash.key?(key) && hash[key].is_a?(Numeric)

          store(hash, key, value)
        end

        def apply_inside(hash, key, change)
          inner = hash.key?(key) ? hash.fetch(key) : made_by_default(hash, key)
          unless fits?(inner, change)
            inner = { array: Array, set: Set, hash: Hash }.fetch(change.first).new
            store(hash, key, inner)
          end
          apply_change(inner, change)
        end

        # The user's block makes the container that belongs there, with its own default.
        def made_by_default(hash, key)
          patiently { hash.default_proc&.call(hash, key) }
          hash.fetch(key, nil)
        end

        def store(hash, key, value) = patiently { hash.store(key, value) }

        # While a thread of the parent iterates over a Hash or Set nothing can be added to it.
        def patiently
          deadline = Minigun.monotonic_time + PATIENCE
          begin
            yield
          rescue FrozenError
            raise
          rescue RuntimeError
            raise if Minigun.monotonic_time > deadline

            sleep(PAUSE)
            retry
          end
        end

        # Two children (or a child and the parent) added the same key.
        def combine(present, added)
          case [present, added]
          in [Array, Array] then present.frozen? ? present + added : present.concat(added)
          in [Set, Set] then present.frozen? ? present | added : patiently { present.merge(added) }
          in [Hash, Hash] then combine_hashes(present, added)
          else added
          end
        end

        def combine_hashes(present, added)
          target = present.frozen? ? present.dup : present
          added.each { |key, value| apply_entry(target, key, :new, value) }
          target
        end

        private_class_method :add_number, :apply_inside, :made_by_default, :store, :patiently, :combine, :combine_hashes
      end
    end
  end
end
