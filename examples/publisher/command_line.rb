# frozen_string_literal: true

require "logger"
require "optparse"
require_relative "throwaway_server"

module Publisher
  # Finds a server, runs the job, and compares what it counted with what the database says.
  class CommandLine
    WORDS = 20_000
    NEEDS = "The gems sequel and pg are needed, and PostgreSQL or PUBLISHER_DATABASE=postgres://..."
    private_constant :NEEDS

    # @param arguments [Array<String>]
    def initialize(arguments, out: $stdout, err: $stderr)
      @arguments = arguments.dup
      @out = out
      @err = err
      @words = WORDS
    end

    # @return [Integer] exit status: 0 all is published, 1 it is not, 2 wrong arguments, 3 something is missing here
    def run
      Minigun.logger = Logger.new(@err, level: Logger::FATAL) # refused requests are logged as warnings
      options.parse(@arguments)
      return @out.puts(options) || 0 if @help

      load_gems
      with_server { |url| work(url) }
    rescue Interrupt
      complain("interrupted: started again with the same database, it goes on from here", 130)
    rescue OptionParser::ParseError => e
      complain("#{e.message}\n\n#{options}", 2)
    rescue ThrowawayServer::Unavailable, LoadError => e
      complain("#{e.message}\n#{NEEDS}", 3)
    rescue Sequel::DatabaseConnectionError => e
      complain(e.message, 3)
    end

    private

    def options
      @options ||= OptionParser.new do |parser|
        parser.banner = "Usage: publisher.rb [options]"
        parser.on("--words N", Integer, "words in the database when it is filled (#{WORDS})") { |count| @words = count }
        parser.on("--fresh", "fill the database again") { @fresh = true }
        parser.on("-h", "--help", "this text") { @help = true }
      end
    end

    # Not before they are needed: the file can be loaded where they are missing.
    def load_gems
      require "sequel"
      require "pg"
    end

    def with_server
      url = ENV.fetch("PUBLISHER_DATABASE", "")
      return yield url unless url.empty?

      server = ThrowawayPostgres.new.start
      begin
        yield server.url
      ensure
        server.stop
      end
    end

    def work(url)
      catalog = Catalog.new(url)
      catalog.drop if @fresh
      catalog.fill(@words) unless catalog.ready?
      publish(catalog)
    ensure
      catalog&.close
    end

    def publish(catalog)
      before = Catalog::MODELS.map { |model| catalog.published(model).first }
      start = catalog.position
      job = Job.new(catalog, Sink.new(catalog.database))
      job.run(resume_from: start)
      @out.puts "from change #{start} to #{catalog.position} of #{catalog.changes}"
      good = Catalog::MODELS.zip(before).map { |model, rows| compare(catalog, job, model, rows) }
      tell_of_failures(job)
      good.all? && job.lost.empty? ? 0 : 1
    end

    def tell_of_failures(job)
      @out.puts "#{job.report.retried} requests repeated, #{job.lost.size} given up", *job.lost.first(5)
    end

    # @return [Boolean] has each record been published?
    def compare(catalog, job, model, before)
      rows, records = catalog.published(model)
      @out.puts "#{model}: #{job.published.fetch(model, 0)} published with #{job.requests[model]} requests, " \
                "#{rows - before} says SQL; in the sink #{records} of #{catalog.changed(model)}, " \
                "#{rows - records} of them again"
      records == catalog.changed(model)
    end

    def complain(message, status)
      @err.puts message
      status
    end
  end
end
