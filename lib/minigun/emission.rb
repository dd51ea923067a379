# frozen_string_literal: true

require_relative "errors"
require_relative "intrinsic"
require_relative "native"
require_relative "scope"

module Minigun
  # `emit` and `emit_to_stage` for the object that stage blocks run on.
  #
  # Where an item goes depends on the block that runs, not on the object, so both are ordinary
  # methods: they work from helper methods and from threads started inside the block.
  module Emission
    # Makes an object able to emit. A method of its own by one of these names is left alone.
    # @param context [Object]
    # @return [Object] the same
    def self.attach(context)
      return context if Emission === context || Intrinsic.frozen?(context) # rubocop:disable Style/CaseEquality

      missing = instance_methods(false).reject { |name| Intrinsic.method?(context, name) }
      return Intrinsic.extend(context, self) if missing == instance_methods(false)

      missing.each { |name| Intrinsic.singleton_class(context).define_method(name, instance_method(name)) }
      context
    end

    # @!method emit(item)
    #   @param item [Object] goes to every stage downstream; any object, nil and false included
    #   @return [nil]
    #   @raise [Minigun::Error] outside a stage block

    # @!method emit_to_stage(name, item)
    #   @param name [Symbol] the one stage the item goes to
    #   @param item [Object]
    #   @return [nil]
    #   @raise [Minigun::Error] outside a stage block

    %i[emit emit_to_stage].each { |name| define_method(name, Native::Emission.instance_method(name)) }
  end
end
