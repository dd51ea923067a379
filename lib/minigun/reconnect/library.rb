# frozen_string_literal: true

require_relative "../errors"

module Minigun
  module Reconnect
    # Loading a client library, and taking a connection out of a child's hands.
    #
    # @api private
    module Library
      class << self
        # @param name [Symbol] in `reconnect`
        # @param gems [Hash{String => String}] gems of which one will do, and what to require of each
        # @return [void]
        # @raise [MissingGem] when none of them is there
        def load(name, gems)
          reasons = gems.map do |_gem, feature|
            require feature
            break
          rescue LoadError => e
            # One that is there but cannot load something else says better itself what that is.
            raise unless e.path.nil? || e.path == feature

            e.message
          end
          raise MissingGem.new(gem_name: gems.keys.first, library: name, reason: reasons.first) if reasons
        end

        # The descriptor leads nowhere from now on: what a client says when it closes is not heard, and
        # nobody else who has the connection notices.
        # @param socket [IO]
        # @return [void]
        def silence(socket) = socket.reopen(File::NULL)
      end
    end
  end
end
