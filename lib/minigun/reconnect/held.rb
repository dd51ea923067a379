# frozen_string_literal: true

require_relative "../failure"

module Minigun
  module Reconnect
    # The connections of a library that has no list of them: those in instance variables of the job, in
    # Arrays and Hashes there too; or those that the user says.
    #
    # @api private
    class Held
      VARIABLE = /\A@[a-z_]\w*\z/i
      private_constant :VARIABLE

      # @param library [Symbol]
      # @param kinds [Array<Class>] of connections
      # @param place [Symbol, Array<Symbol>, #call, nil] instance variables, or a Proc that answers with
      #   connections, self being the job; nil: all instance variables
      # @raise [ArgumentError] for anything else
      def initialize(library, kinds, place)
        @library = library
        @kinds = kinds
        @place = place.is_a?(Symbol) || place.is_a?(String) ? [place] : place
        return if place.nil? || place.respond_to?(:call) || variables?(@place)

        raise ArgumentError, "reconnect #{library.inspect}: names of instance variables (:@name) or a Proc " \
                             "that answers with connections are needed, got #{Failure.describe(place)}"
      end

      # @param job [Object] the user's instance
      # @yieldparam connection [Object] each one once
      # @return [void]
      # @raise [TypeError] when a place that was named has something else
      def each(job, &block)
        found = {}.compare_by_identity
        values(job).each { |value| collect(value, found) }
        found.each_key(&block)
      end

      private

      def variables?(names)
        names.is_a?(Array) && names.any? &&
          names.all? { |name| (name.is_a?(Symbol) || name.is_a?(String)) && name.match?(VARIABLE) }
      end

      def values(job)
        return [job.instance_exec(&@place)] if @place.respond_to?(:call)

        (@place || job.instance_variables).map { |name| job.instance_variable_get(name) }
      end

      def collect(value, found)
        elements(value).each do |element|
          if @kinds.any? { |kind| kind === element } # rubocop:disable Style/CaseEquality -- elements may be BasicObjects
            found[element] = true
          elsif @place && !nil.equal?(element)
            raise TypeError, "reconnect #{@library.inspect}: #{@kinds.join(" or ")} expected, " \
                             "got #{Failure.describe(element)}"
          end
        end
      end

      def elements(value)
        case value
        when Array then value
        when Hash then value.values
        else [value]
        end
      end
    end
  end
end
