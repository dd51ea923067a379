# frozen_string_literal: true

module Minigun
  class << self
    # Does each child lead a process group of its own? Then Ctrl-C reaches the program alone, and
    # what a block has started ends with its child. A debugger inside a block needs false: only the
    # terminal's own group may read from it.
    #
    # @param value [Boolean] true by default
    attr_writer :process_groups

    # @return [Boolean]
    def process_groups = @process_groups != false
  end
end
