# frozen_string_literal: true

require_relative "held"
require_relative "library"

module Minigun
  module Reconnect
    # The gems redis and redis-client. The objects stay, and connect with the next command. Closing one says
    # nothing to the server; newer versions do this by themselves, older ones raise an error in the child.
    #
    # @api private
    class RedisClients
      # @param place [Object] see {Held}
      def initialize(place = nil)
        Library.load(:redis, "redis" => "redis", "redis-client" => "redis-client")
        @held = Held.new(:redis, kinds, place)
      end

      # @return [Hash{Symbol => Proc}]
      def hooks
        held = @held
        { after_fork: proc { held.each(self, &:close) } }
      end

      private

      def kinds
        [(::Redis if defined?(::Redis)), (::RedisClient if defined?(::RedisClient)),
         (::RedisClient::Pooled if defined?(::RedisClient))].compact
      end
    end
  end
end
