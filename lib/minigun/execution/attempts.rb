# frozen_string_literal: true

module Minigun
  module Execution
    # Gets an item worked on until an attempt ends well or there is to be no further one, and tells
    # the node what became of it.
    #
    # Of a stage with retries nothing goes on before an attempt has ended well, so nothing that an
    # item emits arrives twice. An item that {Recovery::MAX_DEATHS} processes died of is given up. Of
    # a stage that bisects, an Array whose child died is taken apart: from then on its elements
    # count, not the Array.
    #
    # @api private
    class Attempts
      # How one attempt ended.
      #
      # @!attribute seconds
      #   @return [Float, nil] it took
      # @!attribute error
      #   @return [Exception, nil] nil = it ended well
      # @!attribute delivered
      #   @return [Integer] emissions that have gone on
      Outcome = Struct.new(:seconds, :error, :delivered) do
        # @return [Boolean] did the process end without saying how the item ended?
        def died? = error.is_a?(WorkerDied)
      end

      # @param node [Flow::Node]
      # @param executor [#attempt] makes one attempt; answers with an {Outcome}
      def initialize(node, executor)
        @node = node
        @recovery = node.recovery
        @executor = executor
      end

      # @param item [Object]
      # @return [void]
      def call(item)
        work_on(item, item, {})
      end

      private

      # @param shown [Object] what a failure shows as the item
      # @param share [Hash] `count` of items that it stands for, unless it is what the node thinks
      def work_on(item, shown, share)
        attempt = deaths = 0
        loop do
          attempt += 1
          outcome = run(item, attempt)
          return @node.finished(item, outcome.seconds, **share) unless outcome.error
          return take_apart(item, share) if outcome.died? && @recovery.bisect?(item)

          deaths += 1 if outcome.died?
          next if deaths < Recovery::MAX_DEATHS && @node.retry?(shown, outcome.error, attempt)

          return give_up(shown, outcome, attempt, deaths, share)
        end
      end

      def run(item, attempt)
        throttle = @node.throttle
        throttle ? throttle.pass { @executor.attempt(item, attempt) } : @executor.attempt(item, attempt)
      end

      def give_up(shown, outcome, attempt, deaths, share)
        poison = deaths >= Recovery::MAX_DEATHS
        error = poison ? PoisonItem.new(deaths: deaths, stage: @node.name, last: outcome.error) : outcome.error
        @node.failed(shown, error, attempt: attempt, delivered: outcome.delivered, **share)
      end

      def take_apart(items, share)
        @node.taken_apart(items) if share.empty?
        half = items.size / 2
        [items.first(half), items.drop(half)].each do |part|
          work_on(part, part.size == 1 ? part.first : part, { count: part.size })
        end
      end
    end
  end
end
