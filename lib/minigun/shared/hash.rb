# frozen_string_literal: true

require_relative "collection"

module Minigun
  # A Hash that this process and the children which it forks later share: what any of them sets, adds
  # or appends is seen by all at once, and stays when the process dies.
  #
  # Keys are the same when they are dumped to the same bytes: `1` and `1.0` differ, as in a Hash; the
  # order of entries means nothing.
  #
  # @example
  #   totals = Minigun::SharedHash.new
  #   Process.wait(fork { totals.add("ruby", 2) })
  #   totals["ruby"] # => 2
  class SharedHash < SharedCollection
    ABSENT = Object.new.freeze
    private_constant :ABSENT

    # @param (see SharedCollection#initialize)
    # @raise (see SharedCollection#initialize)
    def initialize(name: nil, capacity: DEFAULT_CAPACITY)
      super
      @table = Native::Table.new(capacity)
    end

    # @param key [Object] anything that Marshal can dump
    # @return [Object, nil] a copy of the value
    def [](key) = @table.get(normal(key), nil)

    # @param key [Object]
    # @param value [Object]
    # @return [Object] the value
    # @raise [SharedMemoryFull]
    # @raise [SerializationError] when key or value cannot be dumped
    # @raise [ThreadError] in a block that updates another key
    def []=(key, value)
      @table.put(normal(key), value) or full
    end

    # @param (see #[]=)
    # @return (see #[]=)
    # @raise (see #[]=)
    def store(key, value) = self[key] = value

    # @param key [Object]
    # @yieldparam key [Object] when there is no such key
    # @return [Object] a copy of the value, or the default, or the block's value
    # @raise [KeyError] when there is none of them
    def fetch(key, default = ABSENT)
      value = @table.get(normal(key), ABSENT)
      return value unless ABSENT.equal?(value)
      return yield(key) if block_given?
      return default unless ABSENT.equal?(default)

      raise KeyError.new("key not found: #{key.inspect} (#{self.class.label(name)})", receiver: self, key: key)
    end

    # @param key [Object]
    # @return [Boolean]
    def key?(key) = @table.key?(normal(key))
    alias include? key?
    alias has_key? key?
    alias member? key?

    # Adds to a number, in one step.
    # @param key [Object] a missing one counts as 0
    # @param amount [Numeric]
    # @return [Numeric] the sum
    # @raise [TypeError] when the value is no number
    # @raise (see #[]=)
    def add(key, amount = 1)
      raise TypeError, "#{self.class.label(name)}: a number is needed, got #{amount.inspect}" unless Numeric === amount # rubocop:disable Style/CaseEquality

      sum = @table.add(normal(key), amount)
      full if sum == false
      sum || update(key, 0) { |value| number(key, value) + amount }
    end
    alias increment add

    # Appends to an Array, in one step and at a cost that does not depend on its length.
    # @param key [Object] a missing one counts as an empty Array
    # @param element [Object]
    # @return [self]
    # @raise [TypeError] when the value is no Array
    # @raise (see #[]=)
    def append(key, element)
      bytes = normal(key)
      appended = @table.append(bytes, element, false)
      appended = @table.update(bytes) { convert(bytes, element) } if appended.nil?
      appended or full
      self
    end

    # Replaces a value by what the block makes of it. Nobody else changes the key meanwhile; the block
    # must change no other key.
    # @param key [Object]
    # @param default [Object] what the block gets when there is no such key
    # @yieldparam value [Object] a copy
    # @return [Object] the new value
    # @raise [ThreadError] inside another block of this kind
    # @raise (see #[]=)
    def update(key, default = nil)
      bytes = normal(key)
      @table.update(bytes) do
        value = yield(@table.get(bytes, default))
        @table.put(bytes, value) or full
        value
      end
    end

    # @param key [Object]
    # @return [Object, nil] the value it had
    # @raise [ThreadError] in a block that updates another key
    def delete(key) = @table.delete(normal(key), nil)

    # Keys that are there all the while are met once, whatever others change meanwhile.
    # @yieldparam key [Object] a copy
    # @yieldparam value [Object] a copy
    # @return [self, Enumerator]
    def each
      return enum_for(:each) { size } unless block_given?

      position = 0
      while position
        position, entries = @table.entries(position)
        entries.each { |entry| yield entry }
      end
      self
    end
    alias each_pair each

    # @return [Array<Object>]
    def keys = map { |key, _value| key }

    # @return [Array<Object>]
    def values = map { |_key, value| value }

    # @return [Hash{Object => Object}]
    def to_h(&block) = block ? super : each_with_object({}) { |(key, value), hash| hash[key] = value }

    # @return [Integer]
    def size = @table.size
    alias length size

    # Removes everything.
    # @return [self]
    def clear
      @table.clear
      self
    end

    private

    def number(key, value)
      return value if value.is_a?(Numeric)

      raise TypeError, "#{self.class.label(name)}: the value of #{key.inspect} is no number, but a #{value.class}"
    end

    # The first append to an Array that was set. Others may have been quicker.
    def convert(bytes, element)
      appended = @table.append(bytes, element, false)
      return appended unless appended.nil?

      value = @table.get(bytes, nil)
      return @table.append(bytes, element, true) if value.is_a?(Array)

      raise TypeError, "#{self.class.label(name)}: the value of #{bytes.inspect} is no Array, but a #{value.class}"
    end
  end
end
