#!/usr/bin/env ruby
# frozen_string_literal: true

# The pipeline is in a base class, and what differs is left to methods of the subclasses. The base
# class alone is not complete: the error of its missing method comes out of `run`. The same job twice:
# what was published as it comes home by itself, and by way of a file.

require "json"
require "tempfile"
require_relative "../lib/minigun"

# Publishes the records of a library.
module LibraryPublishers
  # Everything but the records and their form.
  class Base
    include Minigun::DSL

    attr_reader :published

    def initialize
      @published = []
    end

    pipeline do
      producer(:records) { records.each { |record| emit record } }
      batch 3
      process_per_batch(max: 2) do
        consumer(:publish) { |records| records.each { |record| publish(record) } }
      end
      after_run { gather }
    end

    private

    def records
      raise NotImplementedError, "#{self.class} does not say what its records are"
    end

    def publish(record)
      @published << document(record)
    end

    # They are here already.
    def gather; end
  end

  # One model.
  class Books < Base
    private

    def records = %w[Emma Ulysses Middlemarch Dracula Ivanhoe]

    def document(title) = { type: "book", text: title }
  end

  # Another.
  class Authors < Base
    private

    def records
      [%w[Jane Austen], %w[James Joyce], %w[George Eliot], %w[Bram Stoker]]
    end

    def document(names)
      { type: "author", text: names.reverse.join(", ") }
    end
  end

  # By hand: each child appends JSON lines to a file under a lock, a hook reads the file.
  module ByFile
    # The file is there before any child is.
    def initialize
      super
      @file = Tempfile.new("published")
      @file.close
    end

    private

    def publish(record)
      File.open(@file.path, "a") do |file|
        file.flock(File::LOCK_EX)
        file.puts document(record).to_json
      end
    end

    def gather
      @published = File.foreach(@file.path).map { |line| JSON.parse(line, symbolize_names: true) }
      @file.unlink
    end
  end

  # The first model again.
  class BooksByFile < Books
    include ByFile
  end

  # The second.
  class AuthorsByFile < Authors
    include ByFile
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  { LibraryPublishers::Books => LibraryPublishers::BooksByFile,
    LibraryPublishers::Authors => LibraryPublishers::AuthorsByFile }.each do |itself, by_file|
    texts, texts_by_file = [itself, by_file].map { |job| job.new.tap(&:run).published.map { |one| one[:text] }.sort }
    puts "#{itself.name.split("::").last}: #{texts.join("; ")}"
    puts "  both ways agree: #{texts == texts_by_file}"
  end

  begin
    LibraryPublishers::Base.new.run
  rescue NotImplementedError => e
    puts "#{e.class}: #{e.message}"
  end
end
