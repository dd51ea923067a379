# frozen_string_literal: true

require_relative "collection"

module Minigun
  # A Set that this process and the children which it forks later share. {#add?} is true for one caller
  # only, whatever process or thread asks at whatever moment: the one to work on a page, an id, a file.
  #
  # Values are the same when they are dumped to the same bytes: `1` and `1.0` differ, as in a Set; their
  # order means nothing. A million small Integers take 70 MB, a million Strings of 20 characters 90 MB:
  # 60 to 80 bytes each besides their own. Memory is taken as it is used, up to the capacity.
  #
  # A process that is killed inside of {#add?} may take its answer with it: the value is in the set, and
  # nobody was told so. No value is ever told twice.
  #
  # @example
  #   seen = Minigun::SharedSet.new
  #   Process.wait(fork { seen.add?("page") }) # => true there
  #   seen.add?("page") # => false
  class SharedSet < SharedCollection
    ABSENT = Object.new.freeze
    private_constant :ABSENT

    # @param (see SharedCollection#initialize)
    # @raise (see SharedCollection#initialize)
    def initialize(name: nil, capacity: DEFAULT_CAPACITY)
      super
      @table = Native::Table.new(capacity)
    end

    # @param value [Object] anything that Marshal can dump
    # @return [Boolean] was it missing, and is it there now? True once for each value
    # @raise [SharedMemoryFull]
    # @raise [SerializationError] when it cannot be dumped
    def add?(value)
      added = @table.insert(normal(value))
      full if added == false
      !added.nil?
    end

    # @param value [Object]
    # @return [self]
    # @raise (see #add?)
    def add(value)
      add?(value)
      self
    end
    alias << add

    # @param lists [Array<Enumerable>]
    # @return [self]
    # @raise (see #add?)
    def merge(*lists)
      lists.each { |list| list.each { |value| add?(value) } }
      self
    end

    # @param value [Object]
    # @return [Boolean]
    def include?(value) = @table.key?(normal(value))
    alias member? include?
    alias === include?

    # @param value [Object]
    # @return [Boolean] was it there, and is it gone now? True for one caller only
    def delete?(value) = !ABSENT.equal?(@table.delete(normal(value), ABSENT))

    # @param value [Object]
    # @return [self]
    def delete(value)
      delete?(value)
      self
    end

    # Values that are there all the while are met once, whatever others change meanwhile.
    # @yieldparam value [Object] a copy
    # @return [self, Enumerator]
    def each
      return enum_for(:each) { size } unless block_given?

      position = 0
      while position
        position, entries = @table.entries(position)
        entries.each { |entry| yield entry.first }
      end
      self
    end

    # @return [Integer]
    def size = @table.size
    alias length size

    # Removes everything.
    # @return [self]
    def clear
      @table.clear
      self
    end
  end
end
