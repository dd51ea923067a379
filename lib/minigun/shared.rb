# frozen_string_literal: true

require_relative "intrinsic"
require_relative "native"
require_relative "suggestion"
require_relative "shared/collection"
require_relative "shared/counter"
require_relative "shared/array"
require_relative "shared/hash"
require_relative "shared/set"
require_relative "shared/mutex"
require_relative "shared/semaphore"

module Minigun
  # Collections that all processes of a run change and see at any moment, and locks between them: those
  # that belong to one instance of a user's class.
  #
  # A class declares them (`shared_counter :sent`); each instance gets its own, when it is first asked
  # for one or when it runs, and keeps them from run to run. A `dup` of an instance shares them.
  # @api private
  class Shared
    VARIABLE = :@__minigun_shared
    private_constant :VARIABLE

    # What a class has declared: a kind and the options to make one with.
    Declaration = Struct.new(:kind, :name, :options) do
      # @return [SharedHandle]
      def build
        kind.new(name: name, **options)
      end
    end

    @turn = Thread::Mutex.new

    class << self
      # @param instance [Object]
      # @return [Shared] of that object
      # @raise [Error] when the object is frozen and has none yet
      def of(instance)
        instance.instance_variable_get(VARIABLE) || @turn.synchronize { attach(instance) }
      end

      private

      def attach(instance)
        known = instance.instance_variable_get(VARIABLE)
        return known if known

        refuse_frozen(instance)

        instance.instance_variable_set(VARIABLE, new)
      end

      def refuse_frozen(instance)
        return unless Intrinsic.frozen?(instance)

        raise Error, "#{Intrinsic.class_of(instance)}: a frozen object can have no shared collections"
      end
    end

    def initialize
      @collections = {}
      @turn = Thread::Mutex.new
    end

    # @param declaration [Declaration]
    # @return [SharedHandle] made when it is not there yet
    def fetch(declaration)
      @collections[declaration.name] || @turn.synchronize do
        @collections[declaration.name] ||= declaration.build
      end
    end

    # @param name [Symbol]
    # @return [SharedHandle]
    # @raise [KeyError] when the class has declared none of this name
    def [](name)
      @collections.fetch(name) do
        hint = Suggestion.for(name, @collections.keys)
        raise KeyError.new("no shared collection #{name.inspect} is declared.#{hint}", receiver: self, key: name)
      end
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{@collections.keys.join(" ")}>"
    end

    # @return [nil] shared memory cannot travel
    def marshal_dump; end

    # @param _nothing [nil]
    # @return [void]
    def marshal_load(_nothing) = initialize

    # @param _coder [Object] of YAML; gets nothing either
    # @return [void]
    def encode_with(_coder); end

    # @param _coder [Object]
    # @return [void]
    def init_with(_coder) = initialize
  end
  private_constant :Shared
end
