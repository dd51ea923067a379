# frozen_string_literal: true

require_relative "../shared"

module Minigun
  # Readers of shared collections on the instances of a class.
  # @api private
  module SharedReaders
    class << self
      # @param base [Class]
      # @param word [Symbol] what the user wrote
      # @param kind [Class]
      # @param names [Array<Symbol>]
      # @param options [Hash] to make one with
      # @return [void]
      # @raise [ArgumentError]
      def declare(base, word, kind, names, **options)
        raise ArgumentError, "#{word}: a name is needed" if names.empty?

        names.each do |name|
          kind.check(name, **options)
          declare_one(base, Shared::Declaration.new(kind, check(word, name), options))
        end
        nil
      end

      # @param instance [Object] of a class with the DSL
      # @param name [Symbol]
      # @return [SharedHandle]
      # @raise [KeyError]
      def fetch(instance, name)
        owner = Intrinsic.class_of(instance)
        declared = owner._minigun_definition.shared
        declaration = declared.fetch(name) do
          hint = Suggestion.for(name, declared.keys)
          raise KeyError.new("#{owner} declares no shared collection #{name.inspect}.#{hint}",
                             receiver: instance, key: name)
        end
        Shared.of(instance).fetch(declaration)
      end

      private

      def check(word, name)
        unless name.is_a?(Symbol) || name.is_a?(String)
          raise ArgumentError, "#{word}: a name must be a Symbol or String, got #{name.inspect}"
        end

        owner = [DSL, Object].find { |place| place.method_defined?(name) }
        raise ArgumentError, "#{word} #{name.inspect}: every #{owner} has a method of that name" if owner

        name.to_sym
      end

      def declare_one(base, declaration)
        name = declaration.name
        base._minigun_definition.share(declaration)
        return if base.method_defined?(name) || base.private_method_defined?(name, false)

        readers_of(base).define_method(name) { SharedReaders.fetch(self, name) }
      end

      # Included, so that a method of the class itself wins, whenever it is defined.
      def readers_of(base)
        base.instance_variable_get(:@__minigun_readers) ||
          base.instance_variable_set(:@__minigun_readers, Module.new.tap { |readers| base.include(readers) })
      end
    end
  end
  private_constant :SharedReaders
end
