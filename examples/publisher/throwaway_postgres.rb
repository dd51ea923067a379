# frozen_string_literal: true

require "socket"
require_relative "throwaway_server"

# A PostgreSQL server that listens on a socket in its directory alone and cares about speed, not about its data.
class ThrowawayPostgres < ThrowawayServer
  PLACES = %w[/usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin].freeze
  SETTINGS = %w[listen_addresses= fsync=off full_page_writes=off synchronous_commit=off shared_buffers=32MB
                max_connections=100 max_wal_size=1GB].freeze
  READY = "database system is ready to accept connections"
  private_constant :PLACES, :SETTINGS, :READY

  # @return [Boolean] is PostgreSQL installed?
  def self.available? = !find("initdb", PLACES).nil?

  # @return [Hash{Symbol => String}] for the gem pg
  def parameters = { host: directory, user: "minigun", dbname: "postgres" }

  # @return [String] for Sequel and ActiveRecord
  def url = "postgres:///postgres?host=#{directory}&user=minigun"

  private

  def prepare
    complete(program("initdb"), "-D", data, "-U", "minigun", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
  end

  def command
    [program("postgres"), "-D", data, "-k", directory, *SETTINGS.flat_map { |setting| ["-c", setting] }]
  end

  def ready? = File.read(log).include?(READY)

  def program(name)
    self.class.find(name, PLACES) or raise Unavailable, "PostgreSQL is not installed (apt-get install postgresql)"
  end

  def data = File.join(directory, "data")
end
