# frozen_string_literal: true

require_relative "../../examples/publisher/throwaway_postgres"

# Servers of databases for the whole run, each started when the first example asks for it.
module DatabaseServers
  # Redis with a socket alone, which writes nothing.
  class Redis < ThrowawayServer
    def self.available? = !find("redis-server").nil?

    def socket = File.join(directory, "socket")

    private

    def command
      [self.class.find("redis-server"), "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]
    end

    def ready? = File.socket?(socket)
  end

  # MariaDB without its tables of rights and help, which take the most of its first start.
  class MariaDB < ThrowawayServer
    def self.available? = !find("mariadbd").nil?

    def socket = File.join(directory, "socket")

    private

    def command
      [self.class.find("mariadbd"), "--no-defaults", "--datadir=#{directory}/data", "--socket=#{socket}",
       "--pid-file=#{directory}/pid", "--skip-networking", "--skip-grant-tables", "--innodb-buffer-pool-size=16M",
       "--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0", "--plugin-dir=#{directory}"]
    end

    def prepare = complete("/bin/mkdir", File.join(directory, "data"))
    def ready? = File.socket?(socket) && File.read(log).include?("ready for connections")
  end

  # Keeps a server that is no child of this process: examples look at those. It ends with this process, too.
  class Keeper
    # @return [ThrowawayServer]
    attr_reader :server

    # @param kind [Class]
    def initialize(kind)
      @answer, answer = IO.pipe
      line, @line = IO.pipe
      Process.wait(fork { fork { keep(kind, answer, line) } && exit!(true) })
      [answer, line].each(&:close)
      directory = @answer.gets(chomp: true)
      raise "#{kind}: #{@answer.read}" if directory.to_s.empty?

      @server = kind.new(directory)
    end

    # @return [void]
    def stop
      @line.close
      @answer.read # until the keeper has ended
      @answer.close
    end

    private

    def keep(kind, answer, line)
      @line.close
      Process.setsid
      server = kind.new.start
      answer.puts(server.directory)
      answer.flush
      line.read
      server.stop
    rescue StandardError => e
      answer.puts("", e.full_message)
      answer.flush
    ensure
      exit!
    end
  end

  KINDS = { postgres: ThrowawayPostgres, redis: Redis, mariadb: MariaDB }.freeze
  PACKAGES = { postgres: "postgresql", redis: "redis-server", mariadb: "mariadb-server-core" }.freeze

  @running = {}

  class << self
    # @param name [Symbol]
    # @return [ThrowawayServer] running
    def fetch(name) = (@running[name] ||= Keeper.new(KINDS.fetch(name))).server

    # @param name [Symbol]
    # @param gem [String] a client
    # @return [String, false] why it cannot be used here: for `skip`
    def missing(name, gem)
      return "#{name} is not installed (apt-get install #{PACKAGES.fetch(name)})" unless KINDS.fetch(name).available?
      return false if Gem::Specification.find_all_by_name(gem).any?

      "the gem #{gem} is not there (BUNDLE_WITH=databases:mysql bundle install)"
    end

    # A keeper has the lines of those that were started before.
    # @return [void]
    def stop
      @running.values.reverse_each(&:stop)
      @running.clear
    end
  end
end

RSpec.configure { |config| config.after(:suite) { DatabaseServers.stop } }
