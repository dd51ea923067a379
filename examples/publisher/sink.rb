# frozen_string_literal: true

module Publisher
  # Where documents are published: a table that stands for a service. It refuses a request now and then, and takes
  # or refuses one as a whole.
  class Sink
    # Try again later.
    class Unavailable < StandardError; end

    # @param database [Sequel::Database]
    # @param refusals [Float] of how many requests one is refused
    def initialize(database, refusals: 0.02)
      @database = database
      @refusals = refusals
    end

    # @param model [String]
    # @param documents [Array<Array(Integer, String)>] ids and texts
    # @return [void]
    # @raise [Unavailable]
    def write(model, documents)
      raise Unavailable, "the sink is busy" if rand < @refusals

      rows = documents.map { |id, document| [model, id, document] }
      @database[:published].import(%i[model record_id document], rows)
    end
  end
end
