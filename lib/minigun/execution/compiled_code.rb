# frozen_string_literal: true

module Minigun
  module Execution
    # What `RubyVM::InstructionSequence#to_a` gives, taken apart.
    #
    # @api private
    module CompiledCode
      # The first element of a compiled piece of code.
      MAGIC = "YARVInstructionSequence/SimpleDataFormat"
      private_constant :MAGIC

      module_function

      # @param code [Array] compiled
      # @return [Array<Array>] name and operands of each
      def instructions(code) = code.last.grep(Array)

      # @param code [Array] compiled
      # @return [Array<Array>] the compiled code of blocks and methods inside, and of `rescue` and `ensure`, which
      #   hangs beside the body
      def parts(code)
        (code[-2].grep(Array) + instructions(code)).flat_map do |list|
          list.select { |part| part.is_a?(Array) && part.first == MAGIC }
        end
      end
    end
  end
end
