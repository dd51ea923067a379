# frozen_string_literal: true

require_relative "../clock"
require_relative "batch_ranking"
require_relative "batch_rules"

module Minigun
  # The open batches of an accumulator, and those that are to leave. Not thread-safe.
  #
  # A batch that is to leave stays here until somebody takes it: no item is known to a thread alone
  # that may be ended.
  #
  # @api private
  class BatchBuffer
    # One batch.
    class Batch
      # @return [Object, nil] what its items have in common
      attr_reader :key
      # @return [Array] the items, in arrival order
      attr_reader :items
      # @return [Integer] of all items
      attr_reader :bytes
      # @return [Float, nil] when it leaves at the latest
      attr_reader :due
      # @return [Array<Execution::Trace, nil>] of each item, in a run with checkpoints
      attr_reader :traces

      # @param key [Object, nil]
      # @param due [Float, nil]
      # @param uniq [Boolean] does it know what it holds?
      def initialize(key, due, uniq: false)
        @key = key
        @due = due
        @items = []
        @traces = []
        @identities = {} if uniq
        @bytes = 0
        @last_bytes = 0
      end

      # @return [Integer]
      def size = @items.size

      # @return [Boolean]
      def empty? = @items.empty?

      # @return [Boolean] does it hold such an item?
      def hold?(identity) = @identities.key?(identity)

      # @return [void]
      def add(item, identity, bytes)
        @items << item
        @identities[identity] = true if @identities
        @bytes += @last_bytes = bytes
      end

      # Takes the item out again that was added last.
      # @return [void]
      def withdraw
        @items.pop
        @identities&.delete(@identities.keys.last)
        @bytes -= @last_bytes
      end
    end

    # @return [BatchRules]
    attr_reader :rules

    # @param rules [BatchRules]
    def initialize(rules)
      @rules = rules
      @open = {}
      @leaving = []
      @size = 0 # of the batches that {#arrange} fills
      @ranking = BatchRanking.new if rules.max_total
      @size_only = rules.size_only?
    end

    # What the blocks of the rules raise comes out of here before anything has changed.
    #
    # @param item [Object]
    # @param context [Object, nil] self in those blocks
    # @return [Batch, nil] the one that the item is in; nil when an open one holds it already
    def add(item, context = nil) = @size_only ? append(item) : arrange(item, context)

    # Where the number of items is all that counts, they may be put there by others, who close it in time.
    #
    # @return [Batch] the one that the next item goes into; it may be empty
    def filling = @open[nil] ||= Batch.new(nil, nil)

    # @return [Integer] items of open batches
    def size = @size_only ? filling.size : @size

    # Takes the item out again that was added last.
    # @param batch [Batch] that it is in
    # @return [void]
    def withdraw(batch)
      batch.withdraw
      return @leaving.delete(batch) if batch.empty? && !open?(batch)
      return unless open?(batch)

      @size -= 1
      @ranking&.moved(batch, batch.size + 1)
      @open.delete(batch.key) if batch.empty?
    end

    # Has all open batches leave.
    # @return [void]
    def close
      close_first until @open.empty?
    end

    # Has those leave whose time has come.
    # @return [void]
    def close_due
      now = Minigun.monotonic_time
      close_first while (due = next_due) && due <= now
    end

    # @return [Float, nil] when the next batch leaves at the latest
    def next_due
      _, batch = @open.first if @rules.max_wait
      batch&.due
    end

    # @return [Batch, nil] the next one that is to leave
    def take = @leaving.shift

    # @return [Boolean] is there one?
    def leaving? = !@leaving.empty?

    # @return [Boolean] is there nothing, neither open nor about to leave?
    def empty? = @open.each_value.all?(&:empty?) && @leaving.empty?

    private

    def arrange(item, context)
      key = @rules.key(context, item)
      identity = @rules.identity(context, item) if @rules.uniq?
      bytes = @rules.bytes(context, item)
      close_due if @rules.max_wait
      batch = @open[key]
      return if batch && @rules.uniq? && batch.hold?(identity)

      batch = fitting(batch, key, bytes)
      batch.add(item, identity, bytes)
      @size += 1
      @ranking&.moved(batch, batch.size - 1)
      close_batch(batch) if batch.size >= @rules.max_size || full?(batch, 0)
      batch
    end

    # Where the number of items is all that counts.
    def append(item)
      batch = filling
      batch.items << item
      close_batch(batch) if batch.size >= @rules.max_size
      batch
    end

    def open?(batch) = batch.equal?(@open[batch.key])

    # @return [Batch] one with room for an item of so many bytes
    def fitting(batch, key, bytes)
      close_batch(batch) if batch && full?(batch, bytes)
      close_batch(@ranking.largest) if @ranking && @size >= @rules.max_total
      @open[key] ||= Batch.new(key, (Minigun.monotonic_time + @rules.max_wait if @rules.max_wait), uniq: @rules.uniq?)
    end

    def full?(batch, bytes)
      @rules.max_bytes && batch.bytes + bytes > @rules.max_bytes
    end

    def close_first
      close_batch(@open.first.last)
    end

    def close_batch(batch)
      @leaving << batch unless batch.empty?
      @open.delete(batch.key)
      @size -= batch.size
      @ranking&.left(batch)
    end
  end
end
