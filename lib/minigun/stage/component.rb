# frozen_string_literal: true

require_relative "../failure"
require_relative "../native"
require_relative "../scope"

module Minigun
  # An object that does the work of a stage in the place of a block:
  #
  # * of a producer `each`: what it yields is emitted. A Proc, or another object that answers `call`
  #   alone, is called when the producer begins, and answers with one that has `each`
  # * of any other stage `process` or `call`: it gets each item, and a block that emits. What it answers
  #   with goes on as well, unless that is nil or false, or the stage is a consumer
  # * of any other stage `write`: it gets each item
  # * `close`, where the object has it, when the stage gets no more items; it may be given a block that
  #   emits
  #
  # Given a class, or an Array of a class and arguments, each process that runs the stage makes an object
  # of its own. The threads of a process share it.
  #
  # @api private
  class Component
    # What an object may answer to, by what the stage is called; the first that it has is taken.
    ROLES = {
      producer: %i[each call], consumer: %i[write call process], processor: %i[process call write],
      stage: %i[process call write]
    }.freeze
    private_constant :ROLES

    # What is lost when `close` fails.
    CLOSE = "what close was to do"

    class << self
      # @param type [Symbol] what the stage is called
      # @param options [Hash] of the stage
      # @return [Boolean] do they name an object? (`from` of a producer without a block is one, not a stage.)
      def given?(type, options)
        ROLES.key?(type) && options.is_a?(Hash) && (options.key?(:using) || (type == :producer && options.key?(:from)))
      end

      # @param type [Symbol]
      # @param name [Symbol]
      # @param options [Hash]
      # @return [Array(Component, Hash)] it, and the options that are left
      # @raise [ArgumentError] for an object that cannot do it
      def take(type, name, options)
        key = options.key?(:using) ? :using : :from
        [new(type, options[key], "#{key} of #{name.inspect}"), options.reject { |option, _| option == key }]
      end
    end

    # @param type [Symbol]
    # @param source [Object]
    # @param label [String] for messages
    # @raise [ArgumentError]
    def initialize(type, source, label)
      @roles = ROLES.fetch(type)
      @type = type
      @turn = Thread::Mutex.new
      @class, *@arguments = source if builder?(source)
      @object = source unless @class
      @method = find_method
      return if @method

      raise ArgumentError, "#{label} must answer to #{@roles.join(" or ")}, got #{Failure.describe(source)}"
    end

    # @return [Boolean]
    def producer? = @type == :producer

    # @return [Proc] a stage's block
    def to_proc
      component = self
      return proc { component.produce(self) } if producer?

      proc { |item| component.work_on(item) }
    end

    # Emits what a source has.
    # @param context [Object] self where the source is a block
    # @return [void]
    def produce(context)
      source = object
      source = source.is_a?(Proc) ? context.instance_exec(&source) : source.call if @method == :call
      scope = Scope.current
      source.each { |*values| scope.emit(values.size > 1 ? values : values.first) }
    end

    # @param item [Object]
    # @return [void]
    def work_on(item)
      return object.write(item) if @method == :write

      scope = Scope.current
      value = object.public_send(@method, item) { |more| scope.emit(more) }
      scope.emit(value) if value && @type != :consumer
    end

    # There are no more items in this process.
    # @return [void]
    def close
      return if producer? || standard_stream?

      scope = Scope.current
      object.close { |item| scope.emit(item) } if object.respond_to?(:close)
    end

    # @return [Boolean] has this very process worked with it?
    def used? = @pid == Native.pid

    private

    # A class that can do the work itself is an object like any other.
    def builder?(source)
      first = source.is_a?(Array) && !producer_of_array?(source) ? source.first : source
      first.is_a?(Class) && (source.is_a?(Array) || @roles.none? { |name| first.respond_to?(name) })
    end

    # An Array is a source by itself, of classes, too, when the first of them has nothing to give.
    def producer_of_array?(array)
      producer? && !(array.first.is_a?(Class) && @roles.any? { |name| array.first.method_defined?(name) })
    end

    def find_method
      @roles.find { |name| @class ? @class.method_defined?(name) : @object.respond_to?(name) }
    end

    def object
      return @object if used?

      @turn.synchronize do
        @object = build if @class && !used?
        @pid = Native.pid
      end
      @object
    end

    def build
      *first, last = @arguments
      last.is_a?(Hash) ? @class.new(*first, **last) : @class.new(*@arguments)
    end

    def standard_stream? = @object.equal?($stdout) || @object.equal?($stderr)
  end
end
