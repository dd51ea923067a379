# frozen_string_literal: true

module Minigun
  module Execution
    # State coming home from children: what a block adds, in a child process, to the containers
    # (Array, Hash, Set) that the user's instance held at the fork is merged into the parent's.
    #
    # In the child a {Snapshot} is taken before the first hook or block runs; its `changes` are sent
    # home; in the parent {Merge} applies them. A change travels as plain data:
    #
    #     [:array, [element, ...]]                     elements appended
    #     [:set, [element, ...]]                       elements added
    #     [:hash, [[key, how, value], ...]]            how is :new, :number (value is a difference)
    #                                                  or :inside (value is a change)
    #
    # @api private
    module State
      # How deep containers inside containers are followed.
      MAX_DEPTH = 8

      # Above this many keys (elements of a Set) only what is new is looked for.
      LARGE = 10_000

      # Instance variables of the engine on a user's object.
      RESERVED = "@__minigun_"

      module_function

      # @return [Boolean] is this a container whose additions come home?
      def container?(value)
        value.is_a?(Array) || value.is_a?(Hash) || value.is_a?(Set)
      end

      # Remembers what a container holds, unless it was remembered already under another name.
      #
      # @param value [Object]
      # @param seen [Hash{Object => Object}] by identity: what was marked already
      # @param depth [Integer] of the container
      # @return [ArrayMark, HashMark, SetMark, nil] nil when nothing of it can come home
      def mark(value, seen, depth = 0)
        return if !growing?(value) || depth > MAX_DEPTH || seen.key?(value)

        seen[value] = true
        build_mark(value, seen, depth)
      end

      # @see mark
      def build_mark(value, seen, depth = 0)
        case value
        when Array then ArrayMark.new(value)
        when Set then SetMark.new(value)
        else HashMark.new(value, seen, depth)
        end
      end

      # @return [Boolean] can something be added to it? What a frozen Hash holds can still grow.
      def growing?(value)
        container?(value) && (!value.frozen? || value.is_a?(Hash))
      end

      # @param container [Array, Hash, Set]
      # @return [Array] the change that makes an empty container this one
      def all_of(container, depth = 0)
        case container
        when Array then [:array, container]
        when Set then [:set, container.to_a]
        else [:hash, container.map { |key, value| new_entry(key, value, depth + 1) }]
        end
      end

      # A Hash with a default block cannot travel as a value; what it holds can, and the parent's
      # own Hash of the same shape knows how to make another.
      #
      # @return [Array] an entry of a `:hash` change
      def new_entry(key, value, depth = 0)
        travels = !value.is_a?(Hash) || value.default_proc.nil? || depth > MAX_DEPTH
        travels ? [key, :new, value] : [key, :inside, all_of(value, depth)]
      end
    end
  end
end

require_relative "state/array_mark"
require_relative "state/hash_mark"
require_relative "state/merge"
require_relative "state/sendable"
require_relative "state/set_mark"
require_relative "state/snapshot"
