# frozen_string_literal: true

require_relative "library"

module Minigun
  module Reconnect
    # ActiveRecord, from 6.1 on: all pools, of all roles and shards. A child discards what it inherits, which
    # cuts connections off without a word, and connects when it needs to. ActiveRecord does so itself after
    # every fork that it notices; a second time finds nothing.
    #
    # Handles of SQLite's files are closed by the parent before it forks, as far as they are idle; the thread
    # that calls `run` gives its own back first.
    #
    # @api private
    class ActiveRecordPools
      def initialize
        Library.load(:active_record, "activerecord" => "active_record")
      end

      # @return [Hash{Symbol => Proc}]
      def hooks
        { before_run: proc { ActiveRecordPools.release }, before_fork: proc { ActiveRecordPools.close_idle },
          after_fork: proc { ActiveRecordPools.discard } }
      end

      class << self
        # In the parent, in the thread that runs the pipeline.
        # @return [void]
        def release
          each_file_pool do |pool|
            connection = pool.active_connection?
            pool.release_connection if connection && !connection.transaction_open?
          end
        end

        # In the parent.
        # @return [void]
        def close_idle = each_file_pool(&:flush!)

        # In the child.
        # @return [void]
        def discard = ::ActiveRecord::ConnectionAdapters::PoolConfig.discard_pools!

        private

        # A database in memory is gone with its connection.
        def each_file_pool
          pools.each do |pool|
            config = pool.db_config
            next unless config.adapter.to_s.start_with?("sqlite")

            yield pool unless config.database.to_s.match?(/\A\z|:memory:|mode=memory/)
          end
        end

        def pools
          handler = ::ActiveRecord::Base.connection_handler
          return handler.connection_pool_list(:all) if ::ActiveRecord.gem_version >= Gem::Version.new("7.1")

          handler.all_connection_pools
        end
      end
    end
  end
end
