# frozen_string_literal: true

require "fileutils"

module CodeIndex
  # The index in an SQLite file, with a full-text table.
  #
  # A build writes beside the file and takes its place at the end: an interrupted one leaves the
  # index of before, and a reader never sees half of one.
  class Store
    # The gem or the index is missing, or the file is something else.
    class Error < StandardError; end

    SCHEMA = <<~SQL
      CREATE VIRTUAL TABLE definitions USING fts5(
        name, words, kind UNINDEXED, path UNINDEXED, line UNINDEXED
      );
      CREATE TABLE failures (path TEXT NOT NULL, reason TEXT NOT NULL);
    SQL
    # Whether a name ends in the term, then how well it and the names in its body match.
    SEARCH = <<~'SQL'
      SELECT kind, name, path, line,
        name = :term OR name LIKE '%#' || :pattern ESCAPE '\' OR name LIKE '%.' || :pattern ESCAPE '\'
          OR name LIKE '%::' || :pattern ESCAPE '\' AS defined
      FROM definitions WHERE definitions MATCH :phrase
      ORDER BY defined DESC, bm25(definitions, 10.0, 1.0), name, path, line LIMIT :limit
    SQL
    # Names without a letter or a digit, such as <=>, are no words to the full-text table.
    SEARCH_OPERATOR = <<~'SQL'
      SELECT kind, name, path, line, 1 FROM definitions
      WHERE name LIKE '%#' || :pattern ESCAPE '\' OR name LIKE '%.' || :pattern ESCAPE '\'
      ORDER BY name, path, line LIMIT :limit
    SQL

    # An answer of a search; `defined`: this is a definition of the term, not just a mention.
    Match = Struct.new(:kind, :name, :path, :line, :defined)

    # @return [String] the index
    attr_reader :path

    def initialize(path)
      @path = File.expand_path(path)
      @building = "#{@path}.#{Process.pid}.new"
    end

    # Starts a new index, leaving no connection open.
    def create
      FileUtils.mkdir_p(File.dirname(@path))
      open
      @database.execute_batch(SCHEMA)
    ensure
      close
    end

    # Opens the connection for {#add}: in the process that calls it, and for that one alone.
    def open
      return if @database

      @database = connect(@building)
      # A build that is cut short is thrown away, so nothing is gained by waiting for the disk.
      @database.execute("PRAGMA synchronous = OFF")
    end

    # @param rows [Array<Array>] name, words, kind, path, line
    def add(rows)
      insert("INSERT INTO definitions (name, words, kind, path, line) VALUES (?, ?, ?, ?, ?)", rows)
    end

    def close
      @database&.close
      @database = nil
    end

    # Adds what could not be indexed and puts the new index in its place.
    #
    # @param failures [Array<Array(String, String)>] path and reason
    def publish(failures)
      open
      insert("INSERT INTO failures (path, reason) VALUES (?, ?)", failures.sort)
      close
      File.rename(@building, @path)
    end

    # Removes what an unfinished build left.
    def discard
      close
      FileUtils.rm_f([@building, "#{@building}-journal"])
    end

    # @return [Hash{String => Integer}] definitions of each kind
    def counts
      query("SELECT kind, count(*) FROM definitions GROUP BY kind ORDER BY kind").to_h
    end

    # @return [Array<Match>] best first
    def search(term, limit: 20)
      pattern = term.gsub(/[\\%_]/) { |char| "\\#{char}" }
      rows = if term.match?(/[[:alnum:]]/)
               phrase = %("#{term.gsub('"', '""')}")
               query(SEARCH, term: term, pattern: pattern, phrase: phrase, limit: limit)
             else
               query(SEARCH_OPERATOR, pattern: pattern, limit: limit)
             end
      rows.map { |*values, defined| Match.new(*values, defined == 1) }
    end

    private

    def query(sql, values = {})
      raise Error, "#{@path}: no index there; build it first" unless File.file?(@path)

      database = connect(@path, readonly: true)
      database.execute(sql, values)
    rescue StandardError => e
      # Loaded on demand, the gem's own error class may not be there to be named.
      raise e.is_a?(Error) ? e : Error.new("#{@path}: #{e.message}")
    ensure
      database&.close
    end

    def insert(sql, rows)
      @database.transaction do
        statement = @database.prepare(sql)
        rows.each { |row| statement.execute(row) }
      ensure
        statement&.close
      end
    end

    def connect(path, **options)
      require "sqlite3"
      SQLite3::Database.new(path, **options)
    rescue LoadError
      raise Error, "the gem sqlite3 is missing: gem install sqlite3"
    end
  end
end
