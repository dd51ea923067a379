# frozen_string_literal: true

module Minigun
  # Questions to a user's object that its class cannot answer differently: it may have a method of
  # its own by any name, `class` and `frozen?` included, and that one is not meant for us.
  # @api private
  module Intrinsic
    %i[class extend frozen? method singleton_class].each do |name|
      original = Kernel.instance_method(name)
      define_singleton_method(name == :class ? :class_of : name) do |object, *arguments|
        original.bind_call(object, *arguments)
      end
    end

    # @param object [Object]
    # @param name [Symbol]
    # @return [Boolean] has it a method of that name, private or not? Being able to answer by
    #   `method_missing` does not count.
    def self.method?(object, name)
      of_object = singleton_class(object)
      of_object.method_defined?(name) || of_object.private_method_defined?(name)
    end
  end
  private_constant :Intrinsic
end
