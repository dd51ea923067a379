# frozen_string_literal: true

require "etc"
require "logger"
require "optparse"
require "tmpdir"
require_relative "progress"
require_relative "summary"

module CodeIndex
  # Reads the arguments, runs the job or a search, and prints what came of it.
  class CommandLine
    DEFAULT_DATABASE = File.expand_path("../../tmp/code_index.sqlite3", __dir__)

    # @param arguments [Array<String>]
    def initialize(arguments, out: $stdout, err: $stderr)
      @arguments = arguments.dup
      @out = out
      @err = err
      @database = DEFAULT_DATABASE
      @jobs = Etc.nprocessors
      @compare = true
    end

    # @return [Integer] exit status: 0 done, 1 failed or nothing found, 2 wrong arguments, 130 interrupted
    def run
      Minigun.logger = Logger.new(@err, level: Logger::WARN)
      rest = options.parse(@arguments)
      return @out.puts(options) || 0 if @help

      rest.first == "search" ? search(rest.drop(1).join(" ")) : index(roots(rest))
    rescue OptionParser::ParseError, ArgumentError => e
      complain("#{e.message}\n\n#{options}", 2)
    rescue Store::Error => e
      complain(e.message, 1)
    rescue Interrupt
      complain("interrupted; the index is as it was before", 130)
    end

    private

    def options
      @options ||= OptionParser.new do |parser|
        parser.banner = "Usage: code_index.rb [options]\n       code_index.rb [options] search TERM"
        input_options(parser)
        run_options(parser)
        parser.on("-h", "--help", "this text") { @help = true }
      end
    end

    def input_options(parser)
      parser.on("--database FILE", "the index (#{DEFAULT_DATABASE})") { |file| @database = file }
      parser.on("--roots DIR...", "where to look for Ruby files (this Ruby installation)") do |directory|
        (@roots ||= []) << directory
      end
      parser.on("--limit N", Integer, "at most N files, or N answers of a search") do |number|
        @limit = positive("--limit", number)
      end
    end

    def run_options(parser)
      parser.on("--jobs N", Integer, "processes that parse (#{@jobs})") do |number|
        @jobs = positive("--jobs", number)
      end
      parser.on("--batch N", Integer, "files that a process parses (by their number)") do |number|
        @batch_size = positive("--batch", number)
      end
      parser.on("--sequential", "every stage inline") { @sequential = true }
      parser.on("--no-compare", "do not run the job a second time, sequentially") { @compare = false }
    end

    def positive(name, number)
      raise OptionParser::InvalidArgument, "#{name} must be 1 or more" if number < 1

      number
    end

    # Directories after `--roots DIR` belong to it.
    def roots(rest)
      raise ArgumentError, "what is #{rest.first.inspect}?" if rest.any? && !@roots
      return SourceFile.installation_roots unless @roots

      (@roots + rest).map do |root|
        raise ArgumentError, "no such directory: #{root}" unless File.directory?(root)

        File.expand_path(root)
      end
    end

    def search(term)
      raise ArgumentError, "search for what?" if term.strip.empty?

      found = Store.new(@database).search(term, limit: @limit || 20)
      return complain("nothing found for #{term}", 1) if found.empty?

      definitions, mentions = found.partition(&:defined)
      print_matches("defined", definitions)
      print_matches("mentioned", mentions)
      0
    end

    def print_matches(title, matches)
      return if matches.empty?

      width = matches.map { |match| match.kind.size + match.name.size }.max
      @out.puts "#{title}:"
      matches.each do |match|
        @out.puts "  #{match.kind} #{match.name.ljust(width - match.kind.size)}  #{match.path}:#{match.line}"
      end
    end

    def index(roots)
      summary = build(@sequential ? InlineIndexer : Indexer, roots, @database)
      @out.puts summary
      @compare && !@sequential ? compare(summary, roots) : summary.exit_status
    end

    def compare(summary, roots)
      @out.puts "Now the same with every stage inline ..." if @out.tty?
      Dir.mktmpdir("code_index") do |directory|
        sequential = build(InlineIndexer, roots, File.join(directory, "index.sqlite3"))
        @out.puts summary.comparison(sequential)
        summary.same_counts?(sequential) ? summary.exit_status : 1
      end
    end

    def build(indexer_class, roots, database)
      store = Store.new(database)
      indexer = indexer_class.new(roots: roots, store: store, limit: @limit, jobs: @jobs,
                                  batch_size: @batch_size)
      start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      Progress.new(@err, indexer).during { indexer.index }
      Summary.new(indexer, store, Process.clock_gettime(Process::CLOCK_MONOTONIC) - start)
    ensure
      store&.discard
    end

    def complain(message, status)
      @err.puts message
      status
    end
  end
end
