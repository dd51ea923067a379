# frozen_string_literal: true

require_relative "held"
require_relative "library"

module Minigun
  module Reconnect
    # The gem mysql2. The objects stay, and get new sessions with the options they were made with: prepared
    # statements, settings and temporary tables are those of the old one.
    #
    # @api private
    class Mysql2Clients
      # @param place [Object] see {Held}
      def initialize(place = nil)
        Library.load(:mysql2, "mysql2" => "mysql2")
        @held = Held.new(:mysql2, [::Mysql2::Client], place)
      end

      # @return [Hash{Symbol => Proc}]
      def hooks
        held = @held
        { after_fork: proc { held.each(self) { |client| Mysql2Clients.renew(client) } } }
      end

      class << self
        # A client that is closed can be set up once more as if it were new; there is no other way to open it
        # again where all who hold it see that.
        # @param client [Mysql2::Client]
        # @return [void]
        def renew(client)
          return if client.closed?

          drop(client)
          client.close
          ::Mysql2::Client.instance_method(:initialize).bind_call(client, client.query_options)
        end

        # @param client [Mysql2::Client] is cut off in this process alone
        # @return [void]
        def drop(client)
          Library.silence(IO.for_fd(client.socket, "r+", autoclose: false)) unless client.closed?
        end
      end
    end
  end
end
