# frozen_string_literal: true

require_relative "../suggestion"
require_relative "../width"

module Minigun
  class Flow
    # What `checkpoint` blocks are given, and `run(resume_from:)` takes: the position of the one producer, or
    # those of several by name.
    #
    # @api private
    module Cursor
      class << self
        # @param cursor [Integer, Hash, nil]
        # @param producers [Array<Symbol>] names
        # @return [Hash{Symbol => Integer}]
        # @raise [ArgumentError]
        def positions(cursor, producers)
          given = cursor.is_a?(Hash) ? cursor.transform_keys(&:to_s) : single(cursor, producers)
          check(given, producers.map(&:to_s))
          producers.to_h { |name| [name, given.fetch(name.to_s, 0)] }
        end

        private

        def single(cursor, producers)
          return {} if cursor.nil?
          return { producers.first.to_s => cursor } if producers.size == 1

          raise ArgumentError, "resume_from must be a Hash with a position for each of the producers " \
                               "#{producers.map(&:inspect).join(", ")}, got #{cursor.inspect}"
        end

        def check(given, names)
          unknown = (given.keys - names).first
          if unknown
            raise ArgumentError, "resume_from: there is no producer #{unknown}.#{Suggestion.for(unknown, names)}"
          end

          given.each { |name, position| Width.require("resume_from: the position of #{name}", position, minimum: 0) }
        end
      end
    end
  end
end
