# frozen_string_literal: true

module Minigun
  # The "did you mean" end of an error message, and warnings that are given once.
  module Suggestion
    @warned = {}
    @mutex = Mutex.new

    module_function

    # @param name [Symbol, String] what was written
    # @param candidates [Array<Symbol, String>] what exists
    # @return [Symbol, String, nil] the candidate nearest to the name: a Symbol may have been written
    #   as a String, or the other way round
    def nearest(name, candidates)
      same = candidates.find { |candidate| candidate.to_s == name.to_s }
      return same if same
      return unless defined?(DidYouMean::SpellChecker)

      checker = DidYouMean::SpellChecker.new(dictionary: candidates.map(&:to_s))
      near = checker.correct(name.to_s).first
      candidates.find { |candidate| candidate.to_s == near }
    end

    # @param (see nearest)
    # @return [String] `" Did you mean :x?"`, else a list of what exists, else an empty String
    def for(name, candidates)
      near = nearest(name, candidates)
      return " Did you mean #{near.inspect}?" if near
      return "" if candidates.empty?

      " Known: #{candidates.map(&:inspect).join(", ")}."
    end

    # @param key [Object] the same key warns a single time in the life of the process
    # @param text [String]
    # @return [void]
    def warn_once(key, text)
      first = @mutex.synchronize { !@warned.key?(key) && (@warned[key] = true) }
      Log.warn(text) if first
    end
  end
end
