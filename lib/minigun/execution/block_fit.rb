# frozen_string_literal: true

require_relative "compiled_code"

module Minigun
  module Execution
    # Would a block do the same if it were only given another self, without the rest of what `instance_exec`
    # does? Read from its compiled form; where that cannot be read the answer is no.
    #
    # The rest is that methods defined in the block become the object's own, also those in a text that it
    # evaluates, and what `super` says of itself.
    #
    # @api private
    class BlockFit
      # Instructions that mean something else inside of `instance_exec`.
      DIFFERENT = %i[invokesuper invokesuperforward definemethod definesmethod defineclass].freeze
      # Methods that look at the code they are called from.
      CURIOUS = %i[binding eval instance_eval class_eval module_eval].freeze
      # Methods could be defined on this by what the block does with it.
      DEFINEE = [2, 3].freeze
      private_constant :DIFFERENT, :CURIOUS, :DEFINEE

      # @param block [Proc]
      # @return [Boolean]
      def self.of?(block)
        return false if block.lambda? || !defined?(RubyVM::InstructionSequence)

        code = RubyVM::InstructionSequence.of(block)&.to_a
        !code.nil? && new.fits?(code)
      rescue StandardError
        # Compiled by a Ruby whose form of code is another.
        false
      end

      # @param code [Array] compiled
      # @return [Boolean]
      def fits?(code)
        CompiledCode.instructions(code).all? { |instruction| same?(instruction) } &&
          CompiledCode.parts(code).all? { |part| fits?(part) }
      end

      private

      def same?(instruction)
        name, operand = instruction
        return !DEFINEE.include?(operand) if name == :putspecialobject

        !DIFFERENT.include?(name) && !called(instruction).intersect?(CURIOUS)
      end

      def called(instruction)
        instruction.grep(Hash).filter_map { |operand| operand[:mid] }
      end
    end
  end
end
