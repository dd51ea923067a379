# frozen_string_literal: true

module Minigun
  module Execution
    # Would a block do the same as a method? Read from its compiled form; where that cannot be read, or
    # holds anything that is not understood, the answer is no.
    #
    # A method takes exactly its parameters, an Array is never spread over them, `return` and `break`
    # only leave it, and `super`, `yield`, `def` and `__method__` mean something else in it.
    #
    # @api private
    class MethodFit
      # The first element of a compiled piece of code.
      MAGIC = "YARVInstructionSequence/SimpleDataFormat"
      # Of a block `{ |item| }`. One of `{ |item,| }` would be given the first element of an Array.
      ONE_PARAMETER = { lead_num: 1, ambiguous_param0: true }.freeze
      # Instructions that mean something else in a method.
      DIFFERENT = %i[invokesuper invokesuperforward invokeblock definemethod definesmethod defineclass].freeze
      # Methods that look at the code they are called from.
      CURIOUS = %i[__method__ __callee__ binding eval instance_eval class_eval module_eval block_given?].freeze
      # What `throw` is for: an exception goes on, `next`, `retry`; `break`, which concerns a block inside.
      HARMLESS = [0, 3, 4].freeze
      BREAK = 2
      STATE = 0xff
      # Methods could be defined on this by what the block does with it.
      DEFINEE = [2, 3].freeze
      private_constant :MAGIC, :ONE_PARAMETER, :DIFFERENT, :CURIOUS, :HARMLESS, :BREAK, :STATE, :DEFINEE

      # @param block [Proc]
      # @return [Boolean]
      def self.of?(block)
        return false if block.lambda? || !defined?(RubyVM::InstructionSequence)

        code = RubyVM::InstructionSequence.of(block)&.to_a
        !code.nil? && code[-3] == ONE_PARAMETER && new.fits?(code, inside: false)
      rescue StandardError
        # Compiled by a Ruby whose form of code is another.
        false
      end

      # @param code [Array] compiled
      # @param inside [Boolean] is it that of a block inside the block?
      # @return [Boolean]
      def fits?(code, inside:)
        code.last.grep(Array).all? { |instruction| same?(instruction, inside) } &&
          parts(code).all? { |part| fits?(part, inside: inside || part[9] == :block) }
      end

      private

      def same?(instruction, inside)
        name, operand = instruction
        case name
        when :throw then harmless?(operand & STATE, inside)
        when :putspecialobject then !DEFINEE.include?(operand)
        else !DIFFERENT.include?(name) && !called(instruction).intersect?(CURIOUS)
        end
      end

      def harmless?(state, inside)
        HARMLESS.include?(state) || (inside && state == BREAK)
      end

      def called(instruction)
        instruction.grep(Hash).filter_map { |operand| operand[:mid] }
      end

      # Blocks inside, and the code of `rescue` and `ensure`, which hangs beside the body.
      def parts(code)
        beside = code[-2].grep(Array).flatten(1)
        (code.last.grep(Array).flatten(1) + beside).select { |part| part.is_a?(Array) && part.first == MAGIC }
      end
    end
  end
end
