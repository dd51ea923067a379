# frozen_string_literal: true

module Minigun
  module Native
    # A block with another self: to yield to it costs 40% of `instance_exec`, and 60% of a call of the method
    # that `define_method` makes of it. Ruby has no call for that, so a copy of the Proc gets another self
    # where Ruby keeps it (see `ext/minigun/rb_bound.c`).
    #
    # @api private
    module BoundBlock
      # Whatever a user's class makes of them.
      COPY = Proc.instance_method(:clone)
      BINDING = Proc.instance_method(:binding)
      private_constant :COPY, :BINDING

      class << self
        # @param block [Proc] written as a block, no lambda
        # @param object [Object]
        # @return [Proc, nil] the same block, self being the object; nil where it is not known how
        def of(block, object)
          bind(block, object) if works?
        end

        private

        def bind(block, object)
          copy = COPY.bind_call(block)
          copy if Native.rebind(copy, BINDING.bind_call(block).receiver, object)
        rescue StandardError
          # It has no binding: Ractors share it, or it is written in C. Or its class wants no copies.
          nil
        end

        def works?
          @works = try if @works.nil?
          @works
        end

        def try
          block = proc { |item| [self, item, block] }
          object = Object.new
          bound = bind(block, object)
          !bound.nil? && seen(&bound) == [object, 1, block] && seen(&block) == [self, 1, block]
        end

        def seen = yield(1)
      end
    end
  end
end
