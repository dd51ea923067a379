# frozen_string_literal: true

module Minigun
  module Execution
    module State
      # The keys of a Hash at one moment, its numbers, and marks of the containers it holds; of a
      # large one only the number of its keys, and the keys that came later.
      #
      # @api private
      class HashMark
        # Stands for a value that was replaced: nothing under its key comes home any more.
        REPLACED = Object.new.freeze
        private_constant :REPLACED

        # @return [Hash]
        attr_reader :object

        # @param hash [Hash]
        # @param seen [Hash] see {State.mark}
        # @param depth [Integer] of the Hash
        def initialize(hash, seen, depth)
          @object = hash
          @seen = seen
          @depth = depth
          @kept = hash.compare_by_identity? ? {}.compare_by_identity : {}
          @own = @kept.dup
          @large = hash.size > LARGE
          @unknown = @large ? hash.size : 0
          hash.each { |key, value| keep(key, value) } unless @large
        end

        # What was added since the last call.
        #
        # @yieldparam kind [Symbol]
        # @yieldparam reason [String] why something is not merged
        # @return [Array, nil]
        def change(&problem)
          entries = known_entries(&problem) + new_entries(&problem)
          [:hash, entries] unless entries.empty?
        end

        private

        def keep(key, value)
          @kept[key] = State.mark(value, @seen, @depth + 1) || value
        end

        def known_entries(&problem)
          removed = []
          entries = @kept.filter_map do |key, before|
            next change_under(key, object.fetch(key), before, &problem) if object.key?(key)

            removed << key
            nil
          end
          yield :removed, "keys were removed" if removed.any?
          removed.each { |key| @kept.delete(key) }
          entries
        end

        # A Hash keeps the order of insertion: new keys stand at the end.
        def new_entries
          count = object.size - @unknown - @kept.size
          if count.negative?
            yield :removed, "keys were removed"
            @unknown += count
          end
          return [] unless count.positive?

          keys = @large ? object.keys.last(count) : object.keys
          keys.reject { |key| @kept.key?(key) }.map do |key|
            value = object.fetch(key)
            @own[key] = true
            keep(key, value)
            State.new_entry(key, value, @depth + 1)
          end
        end

        def change_under(key, value, before, &problem)
          case before
          when REPLACED then nil
          when ArrayMark, HashMark, SetMark then change_inside(key, value, before, &problem)
          when Numeric then number_change(key, value, before, &problem)
          else replaced(key, value, &problem) unless same?(value, before)
          end
        end

        def change_inside(key, value, mark)
          return replaced(key, value) { |*problem| yield(*problem) } unless value.equal?(mark.object)

          change = mark.change { |kind, reason| yield kind, "#{reason} under key #{key.inspect}" }
          [key, :inside, change] if change
        end

        def number_change(key, value, before, &problem)
          return if value.eql?(before)

          difference = value - before if value.is_a?(Numeric)
          # Infinity and NaN have no difference that could be added elsewhere.
          return replaced(key, value, &problem) unless difference&.finite?

          @kept[key] = value
          [key, :number, difference]
        end

        # What stands under a key that this child has added itself is its to change, unless others may
        # have added to it.
        def replaced(key, value)
          own = @own.key?(key)
          return [key, :new, @kept[key] = value] if own && plain?(value) && plain?(@kept[key])

          @kept[key] = REPLACED
          yield :overwritten, "the value of #{"inherited " unless own}key #{key.inspect} was replaced"
          nil
        end

        def plain?(object)
          case object
          when ArrayMark, HashMark, SetMark, Array, Hash, Set then false
          else true
          end
        end

        def same?(value, before)
          value.equal?(before) || (before.is_a?(String) && before == value)
        end
      end
    end
  end
end
