# frozen_string_literal: true

require_relative "../native"
require_relative "block_scan"

module Minigun
  module Execution
    # Which blocks a Ractor can run, and why not.
    #
    # A block runs in a Ractor with a stand-in for self, which can do what a function of Ruby does
    # (`raise`, `format`, ...) and nothing else. So a block qualifies when its self is used for no more
    # than that, when it uses no variables from outside, no global ones and only constants that are
    # shareable. The methods it calls on other objects are not looked into.
    #
    # @api private
    module Isolation
      # Functions of Ruby that do the same whatever self is.
      FUNCTIONS = %i[
        raise fail loop catch throw sleep rand proc lambda format sprintf
        Integer Float String Array Hash Rational Complex caller caller_locations
      ].freeze
      # A Ractor has a `$stdout` of its own: these do the same as long as nobody has replaced the other.
      PRINTERS = %i[puts print printf putc p].freeze
      private_constant :FUNCTIONS, :PRINTERS

      # Runs with stages in child processes that are under way, by the process they belong to: a child
      # inherits the number, and none of the runs.
      FORKING = Hash.new(0)
      FORKING_TURN = Thread::Mutex.new
      private_constant :FORKING, :FORKING_TURN

      module_function

      # Runs the block, a run with stages in child processes: no Ractor begins meanwhile.
      def without_ractors
        FORKING_TURN.synchronize { FORKING[Process.pid] += 1 }
        counted = true
        yield
      ensure
        FORKING_TURN.synchronize { FORKING[Process.pid] -= 1 } if counted
      end

      # @return [String, nil] why no Ractor can be had here and now
      def unavailable
        return "this Ruby has no Ractors" unless defined?(::Ractor)
        return "Ractors of Ruby 3.3 that have read from a pipe do not always end" if RUBY_VERSION.start_with?("3.3.")
        return "stages in child processes run, beside which no Ractor may" if FORKING[Process.pid].positive?
        return if BlockScan.available? && (Native.respond_to?(:isolate) || Ractor.respond_to?(:shareable_proc))

        "this Ruby cannot isolate a block"
      end

      # @param block [Proc]
      # @param receiver [Object] what self is when the block runs elsewhere than in a Ractor
      # @yieldparam name [Symbol] a method that the block calls on self
      # @yieldreturn [Boolean] does the stand-in have it, too?
      # @return [String, nil] why the block cannot run in a Ractor: "uses self"
      def obstacle(block, receiver, &known)
        code = code_of(block)
        return "is not written as a block" unless code

        scan = BlockScan.new(code)
        scan.reaches.first || call_obstacle(scan, receiver, &known) || constant_obstacle(scan, block) ||
          variable_obstacle(block)
      end

      # A copy for one Ractor: what `=~` and the like leave behind is kept in the copy.
      #
      # @param block [Proc]
      # @return [Proc]
      # @raise [ArgumentError, Ractor::IsolationError] when it uses variables from outside
      def copy(block)
        return Ractor.shareable_proc(&block) if Ractor.respond_to?(:shareable_proc)

        Native.isolate(block)
      end

      def code_of(block)
        return unless block.is_a?(Proc)

        code = RubyVM::InstructionSequence.of(block)
        code if code&.to_a&.include?(:block)
      end

      def call_obstacle(scan, receiver)
        name = scan.calls.find do |candidate|
          !function?(candidate, receiver) && !(block_given? && yield(candidate))
        end
        return unless name
        return "prints, and $stdout is not the one of the process" if PRINTERS.include?(name) && kernel?(name, receiver)

        "calls the method #{name} of its object"
      end

      def function?(name, receiver)
        return false unless FUNCTIONS.include?(name) || (PRINTERS.include?(name) && own_stdout?)

        kernel?(name, receiver)
      end

      def own_stdout?
        $stdout.equal?(STDOUT) # rubocop:disable Style/GlobalStdStream -- the two are compared
      end

      # Has the object no method of its own by this name?
      def kernel?(name, receiver)
        Kernel.instance_method(:method).bind_call(receiver, name).owner.equal?(Kernel)
      rescue NameError, TypeError
        false
      end

      def constant_obstacle(scan, block)
        return if scan.constants.empty?

        nesting = block.binding.eval("::Module.nesting")
        path = scan.constants.find { |candidate| unshareable?(candidate, nesting) }
        "refers to #{path.reject(&:empty?).join("::")}, which is not shareable" if path
      end

      # What cannot be found is left to fail, or to be found, when the block runs.
      def unshareable?(path, nesting)
        first, *rest = path
        first, *rest = rest if (absolute = first.empty?)
        scope = absolute ? Object : scope_of(first, nesting)
        value = rest.inject(constant(scope, first)) do |outer, name|
          return false unless outer.is_a?(Module)

          constant(outer, name)
        end
        !Ractor.shareable?(value)
      rescue NameError, LoadError
        false
      end

      def scope_of(name, nesting)
        nesting.find { |mod| mod.const_defined?(name, false) } || nesting.first || Object
      end

      # Without asking `const_missing`.
      def constant(scope, name)
        raise NameError, name.to_s unless scope.const_defined?(name)

        scope.const_get(name)
      end

      def variable_obstacle(block)
        copy(block)
        nil
      rescue ArgumentError, Ractor::Error => e
        names = e.message[/\(([^()]*)\)/, 1]
        names ? "uses variables from outside (#{names})" : e.message
      end

      private_class_method :code_of, :call_obstacle, :function?, :own_stdout?, :kernel?, :constant_obstacle,
                           :unshareable?, :scope_of, :constant, :variable_obstacle
    end
  end
end
