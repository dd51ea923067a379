# frozen_string_literal: true

require_relative "library"
require_relative "mysql2_clients"
require_relative "pg_connections"

module Minigun
  module Reconnect
    # Sequel: all databases that it knows, with any kind of pool. What the child inherits is cut off, then
    # disconnected; what threads of the parent use at the fork is disconnected by the pool, which takes back
    # what dead threads had.
    #
    # A connection of another kind can only be closed by the parent, before the fork, while nobody uses it.
    #
    # @api private
    class SequelDatabases
      DROPS = { "PG::Connection" => PGConnections, "Mysql2::Client" => Mysql2Clients }.freeze
      ADAPTERS = %i[postgres mysql2].freeze
      private_constant :DROPS, :ADAPTERS

      def initialize
        Library.load(:sequel, "sequel" => "sequel")
      end

      # @return [Hash{Symbol => Proc}]
      def hooks
        { before_fork: proc { SequelDatabases.close_foreign },
          after_fork: proc { SequelDatabases.drop } }
      end

      class << self
        # In the parent.
        # @return [void]
        def close_foreign
          ::Sequel::DATABASES.each { |database| database.disconnect unless droppable?(database) || memory?(database) }
        end

        # In the child.
        # @return [void]
        def drop
          ::Sequel::DATABASES.each do |database|
            next unless droppable?(database)

            each_connection(database.pool) { |connection, library| library.drop(connection) }
            database.disconnect
          end
        end

        private

        def droppable?(database) = ADAPTERS.include?(database.adapter_scheme)

        # Its rows are gone with its connection.
        def memory?(database)
          name = database.opts[:database].to_s
          database.database_type == :sqlite && (name.empty? || name.match?(/:memory:|mode=memory/))
        end

        # Pools yield connections that are free, or those of the calling thread, but here all are wanted.
        def each_connection(pool, &block)
          pool.instance_variables.each { |name| visit(pool.instance_variable_get(name), &block) }
        end

        def visit(value, &block)
          case value
          when Array then value.each { |element| visit(element, &block) }
          when Hash then value.each_value { |element| visit(element, &block) }
          when Thread::Queue then visit_queue(value, &block)
          else
            library = library_of(value)
            yield value, library if library
          end
        end

        # Sequel subclasses what it connects with.
        def library_of(value)
          names = value.class.ancestors.map(&:name)
          DROPS.find { |name, _| names.include?(name) }&.last
        end

        # The child has no other thread yet.
        def visit_queue(queue, &block)
          queue.size.times do
            connection = queue.pop
            visit(connection, &block)
            queue.push(connection)
          end
        end
      end
    end
  end
end
