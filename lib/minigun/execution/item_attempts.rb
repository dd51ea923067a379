# frozen_string_literal: true

module Minigun
  module Execution
    # {Attempts} at the elements of a batch that a child works on in {ItemThreads}: each has an outcome of
    # its own, and only those that failed are tried again. The death of the child is that of all elements.
    #
    # @api private
    class ItemAttempts
      # @param (see Attempts#initialize)
      def initialize(node, executor)
        @node = node
        @recovery = node.recovery
        @executor = executor
      end

      # @param item [Object] what is no Array is worked on by itself
      # @return [void]
      def call(item)
        return @node.finished(item, 0.0) if item == []

        items = item.is_a?(Array) ? item : [item]
        @node.taken_apart(items)
        work_on(items)
      end

      private

      def work_on(items)
        attempt = deaths = 0
        until items.empty?
          attempt += 1
          outcome = @executor.attempt(items, attempt)
          next items = settle(items, outcome.seconds, attempt) unless outcome.error
          return halve(items) if outcome.died? && @recovery.bisect?(items)

          deaths += 1 if outcome.died?
          next if deaths < Recovery::MAX_DEATHS && @node.retry?(items, outcome.error, attempt)

          return give_up(items, outcome.error, attempt, deaths)
        end
      end

      # @param result [Array] see {ItemThreads#call}
      # @return [Array] the items to try again
      def settle(items, result, attempt)
        seconds, failures = result
        seconds.each { |time| @node.finished(nil, time, count: 1) }
        again = failures.filter_map do |index, record, emitted|
          conclude(items[index], ErrorRecord.load(record), attempt, emitted)
        end
        @node.pause_before(attempt) if again.any?
        again.map(&:first)
      end

      # @return [Array(Object), nil] the item, when there is to be another attempt
      def conclude(item, error, attempt, emitted)
        return [item] if @node.again?(item, error, attempt)

        @node.failed(item, error, count: 1, attempt: attempt, delivered: emitted)
        nil
      end

      def halve(items)
        half = items.size / 2
        [items.first(half), items.drop(half)].each { |part| work_on(part) }
      end

      def give_up(items, last, attempt, deaths)
        poison = deaths >= Recovery::MAX_DEATHS
        error = poison ? PoisonItem.new(deaths: deaths, stage: @node.name, last: last) : last
        items.each { |item| @node.failed(item, error, count: 1, attempt: attempt) }
      end
    end
  end
end
