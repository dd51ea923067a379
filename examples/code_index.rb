#!/usr/bin/env ruby
# frozen_string_literal: true

# Indexes the Ruby code of this installation: every class, module and method of the standard library
# and the installed gems, with file and line, in an SQLite file that answers full-text searches.
#
#   ruby examples/code_index.rb                      # builds the index, on threads and processes
#   ruby examples/code_index.rb --sequential         # the same job with every stage inline
#   ruby examples/code_index.rb search each_slice    # answers from the index
#   ruby examples/code_index.rb --help
#
# It needs the gem sqlite3.

require_relative "../lib/minigun"
require_relative "code_index/command_line"
require_relative "code_index/definitions"
require_relative "code_index/source_file"
require_relative "code_index/store"

module CodeIndex
  # The job: list -> read -> batch -> parse -> transactions -> store.
  #
  # Each stage runs where its work is done best. What the parsing processes emit (definitions) and
  # what they collect (`@failures`, `@kinds`) is in the parent afterwards, without any file or pipe.
  class Indexer
    include Minigun::DSL

    # @return [Array<Array(String, String)>] path and reason of each file that was not indexed
    attr_reader :failures

    # @return [Hash{String => Integer}] how many definitions of each kind were found
    attr_reader :kinds

    # @param roots [Array<String>] directories to look for Ruby files in
    # @param store [Store] where the definitions go
    # @param limit [Integer, nil] at most so many files
    # @param jobs [Integer] processes that parse
    # @param batch_size [Integer, nil] files that one process parses; nil = by their number
    def initialize(roots:, store:, limit: nil, jobs: 2, batch_size: nil)
      @roots = roots
      @store = store
      @limit = limit
      @jobs = jobs
      @batch_size = batch_size
      @failures = []
      @kinds = Hash.new(0)
    end

    pipeline do
      before_run { @store.create }

      producer(:list) { paths.each { |path| emit(path) } }

      # Reading waits for the disk; threads wait at the same time.
      threads(@jobs * 2) do
        processor(:read) { |path| read(path) }
      end

      batch batch_size

      # Parsing keeps a core busy, and only processes use several.
      process_per_batch(max: @jobs) do
        processor(:parse) { |sources| sources.each { |path, text| parse(path, text) } }
      end

      accumulator :transactions, max_size: 2_000 # rows in each

      # An SQLite connection must not cross a fork: parent and child would share its locks and its
      # idea of the file. One persistent process owns it from beginning to end, so the connection
      # is not there yet when that process is forked, and never there where others are.
      processes(1) do
        after_fork(:store) { @store.open }
        consumer(:store) { |rows| @store.add(rows) }
        before_exit(:store) { @store.close }
      end
    end

    # Runs the job and puts the new index in its place. A run that is interrupted raises after it has
    # finished what was under way: then the index stays as it was.
    #
    # @return [Integer] files found
    def index
      run.tap { @store.publish(@failures) }
    end

    private

    # A few files hold half of the text, and they are neighbours. Shuffled, every batch is a fair
    # sample, and no process is left alone with them.
    def paths
      @paths ||= begin
        found = SourceFile.below(@roots)
        (@limit ? found.take(@limit) : found.to_a).shuffle(random: Random.new(1))
      end
    end

    # Enough work to make a fork worth it, and a few rounds for each process, to end together.
    def batch_size
      @batch_size || (paths.size / (3.0 * @jobs)).ceil.clamp(20, 1_000)
    end

    def read(path)
      emit([path, SourceFile.read(path)])
    rescue SystemCallError => e
      @failures << [path, e.class.new.message]
    rescue SourceFile::Unusable => e
      @failures << [path, e.message]
    end

    def parse(path, text)
      Definitions.in(text).each do |definition|
        @kinds[definition.kind] += 1
        emit(definition.to_row(path))
      end
    rescue Definitions::SyntaxError => e
      @failures << [path, e.message]
    rescue StandardError => e
      @failures << [path, "#{e.message} (#{e.class})"]
    end
  end

  # The same job with every stage inline, one item after the other: what the first is measured by.
  # A stage that is defined again replaces the inherited one, here by one without a context.
  class InlineIndexer < Indexer
    pipeline do
      before_run { @store.open }
      processor(:read) { |path| read(path) }
      processor(:parse) { |sources| sources.each { |path, text| parse(path, text) } }
      consumer(:store) { |rows| @store.add(rows) }
    end
  end
end

exit CodeIndex::CommandLine.new(ARGV).run if $PROGRAM_NAME == __FILE__
