# frozen_string_literal: true

module Minigun
  # Knows the largest of many batches without a look at all of them. Of equals it is the one that has
  # had its size for longest.
  #
  # @api private
  class BatchRanking
    def initialize
      @levels = []
    end

    # @param batch [#size] that had another size, or none
    # @param before [Integer] the size it had
    # @return [void]
    def moved(batch, before)
      @levels[before]&.delete(batch)
      (@levels[batch.size] ||= {}.compare_by_identity)[batch] = true unless batch.empty?
      drop_empty
    end

    # @param batch [#size] is gone
    # @return [void]
    def left(batch)
      @levels[batch.size]&.delete(batch)
      drop_empty
    end

    # @return [Object, nil]
    def largest
      batch, = @levels.last&.first
      batch
    end

    private

    # The largest size rises by one at most with each item, so this takes one step an item in the end.
    def drop_empty
      @levels.pop while @levels.any? && (@levels.last.nil? || @levels.last.empty?)
    end
  end
end
