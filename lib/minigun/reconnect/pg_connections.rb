# frozen_string_literal: true

require_relative "held"
require_relative "library"

module Minigun
  module Reconnect
    # The gem pg. The objects stay, and get new sessions with the parameters they were opened with: prepared
    # statements, settings, LISTENs and temporary tables are those of the old one.
    #
    # @api private
    class PGConnections
      # @param place [Object] see {Held}
      def initialize(place = nil)
        Library.load(:pg, "pg" => "pg")
        @held = Held.new(:pg, [::PG::Connection], place)
      end

      # @return [Hash{Symbol => Proc}]
      def hooks
        held = @held
        { after_fork: proc { held.each(self) { |connection| PGConnections.renew(connection) } } }
      end

      class << self
        # @param connection [PG::Connection]
        # @return [void]
        def renew(connection)
          return if connection.finished?

          drop(connection)
          connection.reset
        end

        # @param connection [PG::Connection] is cut off in this process alone
        # @return [void]
        def drop(connection)
          Library.silence(connection.socket_io) unless connection.finished?
        rescue ::PG::ConnectionBad
          nil # has lost its socket already
        end
      end
    end
  end
end
