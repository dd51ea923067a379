# frozen_string_literal: true

require_relative "words"

module Publisher
  # What is to be published: words, the groups of anagrams among them, and a list of changes to both, in which a
  # tenth of the records come twice. What was published is there as well.
  class Catalog
    SCHEMA = "minigun_publisher"
    MODELS = %w[words anagrams].freeze

    # @return [Sequel::Database]
    attr_reader :database

    # @param url [String] of a PostgreSQL database
    def initialize(url)
      @database = Sequel.connect(url, search_path: SCHEMA, max_connections: 6)
    end

    # @return [Boolean] has it been filled?
    def ready? = database.table_exists?(Sequel[SCHEMA.to_sym][:positions])

    # @param count [Integer] words
    # @return [void]
    def fill(count)
      database.transaction do
        database.run(File.read(File.join(__dir__, "schema.sql")))
        database[:words].import(%i[text letters], Words.take(count).map { |word| [word, word.chars.sort.join] })
        database.run(File.read(File.join(__dir__, "changes.sql")))
      end
    end

    # @return [void]
    def drop = database.drop_schema(SCHEMA, cascade: true, if_exists: true)

    # In an order that is always the same: positions in it mean something to later runs. The rows come through a
    # cursor, which stays open while children are forked.
    # @yieldparam change [Array(String, Integer)] model and id
    # @return [void]
    def each_change
      database[:changes].order(:id).paged_each { |row| yield [row[:model], row[:record_id]] }
    end

    # @param model [String]
    # @param ids [Array<Integer>]
    # @return [Array<Array(Integer, String)>] ids and texts
    def documents(model, ids)
      column = model == "words" ? Sequel[:text] : Sequel.join(%i[letters words], ": ")
      database[model.to_sym].where(id: ids).select_map([:id, column.as(:document)])
    end

    # @return [Integer] changes before it are finished
    def position = database[:positions].get(:position)

    # @param position [Integer]
    def position=(position)
      database[:positions].update(position: position)
    end

    # @return [Integer]
    def changes = database[:changes].count

    # @param model [String]
    # @return [Integer] records that have changed
    def changed(model) = database[:changes].where(model: model).distinct.select(:record_id).count

    # @param model [String]
    # @return [Array(Integer, Integer)] rows that the sink has, and records among them
    def published(model)
      rows = database[:published].where(model: model)
      [rows.count, rows.distinct.select(:record_id).count]
    end

    # @return [void]
    def close
      database.disconnect
      Sequel::DATABASES.delete(database)
    end
  end
end
