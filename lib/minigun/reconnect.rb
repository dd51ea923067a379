# frozen_string_literal: true

require_relative "failure"
require_relative "suggestion"
require_relative "reconnect/active_record_pools"
require_relative "reconnect/mysql2_clients"
require_relative "reconnect/pg_connections"
require_relative "reconnect/redis_clients"
require_relative "reconnect/sequel_databases"

module Minigun
  # Hooks for the clients of databases: what `reconnect` of a definition does for each library.
  #
  # A connection that a child inherits is its parent's as well: who uses it talks into the other's
  # conversation, and who closes it in order ends the other's session. So a child lets go of each without a
  # word to the server, and opens its own. The parent keeps its connections, open transactions and cursors
  # included; handles of SQLite's files alone must not cross a fork.
  #
  # @api private
  module Reconnect
    # Libraries that know their connections.
    REGISTRIES = { active_record: ActiveRecordPools, sequel: SequelDatabases }.freeze
    # Libraries whose connections are where the user has them.
    OBJECTS = { redis: RedisClients, pg: PGConnections, mysql2: Mysql2Clients }.freeze
    LIBRARIES = REGISTRIES.merge(OBJECTS).freeze
    private_constant :REGISTRIES, :OBJECTS, :LIBRARIES

    class << self
      # @param names [Array<Symbol>] libraries
      # @param places [Hash{Symbol => Object}] further ones, and where their connections are
      # @return [Array<Hash{Symbol => Proc}>] hooks of each, by kind; the libraries are loaded
      # @raise [ArgumentError] for what is no such library, or no such place
      # @raise [MissingGem]
      def hooks(names, places)
        if names.empty? && places.empty?
          raise ArgumentError, "reconnect: a library is needed: #{LIBRARIES.keys.map(&:inspect).join(", ")}"
        end

        (names.map { |name| library(name).new } + places.map { |name, place| placed(name, place) }).map(&:hooks)
      end

      private

      def library(name)
        LIBRARIES.fetch(name) do
          raise ArgumentError, "reconnect: there is nothing for #{Failure.describe(name)}." \
                               "#{Suggestion.for(name, LIBRARIES.keys)}"
        end
      end

      def placed(name, place)
        return library(name).new(place) unless REGISTRIES.key?(name)

        raise ArgumentError, "reconnect #{name.inspect} finds the connections itself, got #{Failure.describe(place)}"
      end
    end
  end
  private_constant :Reconnect
end
