# frozen_string_literal: true

module Minigun
  # What `emit_to_stage` leaves behind where emissions are collected instead of routed: equal to the
  # plain Hash `{item:, target:}`, and yet never confused with a user's item of that shape.
  #
  # @api private
  class TargetedItem < Hash
    # @param item [Object] the emitted item
    # @param target [Symbol] the stage it is meant for
    def self.build(item, target)
      new.update(item: item, target: target)
    end

    # @return [Object]
    def item = self[:item]

    # @return [Symbol]
    def target = self[:target]
  end
end
