# frozen_string_literal: true

require_relative "compiled_code"

module Minigun
  module Execution
    # What a block reaches for outside of itself, read from its compiled form: the object it runs on,
    # constants, global variables. What its methods do cannot be seen from here.
    #
    # @api private
    class BlockScan
      # Instructions that reach out of the block, and what that is called.
      REACHES = {
        getinstancevariable: "uses the instance variable %s", setinstancevariable: "uses the instance variable %s",
        definedivar: "uses the variable %s",
        getclassvariable: "uses the class variable %s", setclassvariable: "uses the class variable %s",
        getglobal: "uses the global variable %s", setglobal: "uses the global variable %s",
        setconstant: "assigns the constant %s",
        invokesuper: "calls super", invokesuperforward: "calls super", invokeblock: "yields",
        definemethod: "defines the method %s", definesmethod: "defines the method %s",
        defineclass: "defines the class or module %s", once: "has a regular expression with the option o"
      }.freeze
      # Instructions that call a method which is written as a call.
      CALLS = %i[send opt_send_without_block sendforward].freeze
      # Global variables that every thread has for itself.
      OWN_GLOBALS = %i[$! $@ $~ $_].freeze
      private_constant :REACHES, :CALLS, :OWN_GLOBALS

      # @return [Boolean] can compiled code be read here?
      def self.available? = !FCALL.nil?

      # The bit of a call's flags which says that self is the receiver; nil where code cannot be read.
      def self.own_call_bit
        return unless defined?(RubyVM::InstructionSequence)

        own = flags_of("a()")
        other = flags_of("1.a()")
        own & ~other if own && other && own.anybits?(~other)
      end

      # The flags of the call of `a` in a piece of Ruby.
      def self.flags_of(source)
        code = RubyVM::InstructionSequence.compile(source).to_a.last
        call = code.flatten.find { |part| part.is_a?(Hash) && part[:mid] == :a }
        call && call[:flag]
      end
      private_class_method :own_call_bit, :flags_of

      FCALL = own_call_bit
      private_constant :FCALL

      # @return [Array<String>] what cannot be had elsewhere: "uses the instance variable @x"
      attr_reader :reaches
      # @return [Array<Symbol>] methods called on self
      attr_reader :calls
      # @return [Array<Array<Symbol>>] constants, as paths; one that begins with :"" is absolute
      attr_reader :constants

      # @param code [RubyVM::InstructionSequence] of a block
      def initialize(code)
        @reaches = []
        @calls = []
        @constants = []
        scan(code.to_a)
        [@reaches, @calls, @constants].each(&:uniq!)
      end

      private

      # Self is the receiver of calls, or it is more than that.
      def scan(code)
        selves = own_calls = 0
        previous = nil
        CompiledCode.instructions(code).each do |instruction|
          selves += 1 if instruction.first == :putself
          own_calls += 1 if own_call(instruction, previous)
          look_at(instruction, previous)
          previous = instruction
        end
        @reaches << "uses self" if selves > own_calls
        CompiledCode.parts(code).each { |inner| scan(inner) }
      end

      # A literal lambda is made by a call that looks like one on self; so does the text of a part of a
      # String, which is no call for the compiler.
      def own_call(instruction, previous)
        return unless CALLS.include?(instruction.first)

        call = instruction.find { |operand| operand.is_a?(Hash) && operand.key?(:mid) && operand.key?(:flag) }
        return unless call && call[:flag].anybits?(FCALL)
        return if previous == [:putspecialobject, 1] || call[:mid].start_with?("core#")

        @calls << call[:mid]
      end

      def look_at(instruction, previous)
        name, operand = instruction
        case name
        when :getconstant then add_constant(operand, previous)
        when :opt_getconstant_path then @constants << operand
        when :putspecialobject then @reaches << "changes methods" if operand == 2
        when :defined then ask_about(instruction[2])
        else
          text = REACHES[name]
          return if text.nil? || OWN_GLOBALS.include?(operand)

          @reaches << (text.include?("%") ? format(text, operand) : text)
        end
      end

      # `defined?(@x)`
      def ask_about(name)
        @reaches << "uses the variable #{name}" if name.is_a?(Symbol) && name.start_with?("@", "$")
      end

      # What stands before a constant's name says where it is looked up: `true` begins a path, `false`
      # goes on with it. In any other place it depends on a value.
      def add_constant(name, previous)
        case previous
        when [:putobject, true], [:putnil] then @constants << [name]
        when [:putobject, false] then @constants.last&.push(name)
        end
      end
    end
  end
end
