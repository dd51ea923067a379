# frozen_string_literal: true

# Holds the parameters of a method against those of its signature.
class SignatureFit
  # Of a method in C that takes a varying number: what it takes cannot be asked.
  UNKNOWN = [[:rest]].freeze

  # @param parameters [Array<Array<Symbol>>] as `Method#parameters` gives them
  # @param functions [Array<RBS::Types::Function>] one for each overload
  def initialize(parameters, functions)
    @parameters = parameters
    @functions = functions
  end

  # @return [String, nil] what does not fit
  def problem
    return if @parameters == UNKNOWN

    differences = { "positional" => [positional, signed_positional], "keywords" => [keywords, signed_keywords],
                    "needed keywords" => [names(:keyreq), signed_needed] }
    differences.filter_map { |what, (code, signed)| "#{what}: #{code} in the code, #{signed} here" if code != signed }
               .first
  end

  private

  def names(*kinds)
    @parameters.filter_map { |kind, name| name if kinds.include?(kind) }.sort
  end

  def any?(kind) = @parameters.any? { |found, _name| found == kind }

  def positional
    least = @parameters.count { |kind, _name| kind == :req }
    [least, any?(:rest) ? nil : least + @parameters.count { |kind, _name| kind == :opt }]
  end

  def signed_positional
    least = @functions.map { |one| one.required_positionals.size + one.trailing_positionals.size }
    most = @functions.zip(least).map { |one, needed| needed + one.optional_positionals.size }
    [least.min, @functions.any?(&:rest_positionals) ? nil : most.max]
  end

  # A method that takes all keywords hands them on: the signature says which are meant.
  def keywords = any?(:keyrest) ? signed_keywords : names(:key, :keyreq)

  def signed_keywords
    @functions.flat_map { |one| one.required_keywords.keys + one.optional_keywords.keys }.uniq.sort
  end

  def signed_needed = @functions.map { |one| one.required_keywords.keys }.reduce(:&).sort
end
