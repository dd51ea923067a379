# frozen_string_literal: true

module Minigun
  # What stands for shared memory in a process: it has a name for messages, can be inherited by a forked
  # child and neither copied nor sent.
  module SharedHandle
    # What the classes have.
    module Label
      # @api private
      # @param name [Symbol, nil]
      # @return [String] kind and name
      def label(name)
        word = self.name.split("::").last
        name ? "#{word} #{name.inspect}" : word
      end
    end
    private_constant :Label

    # @api private
    def self.included(base)
      super
      base.extend(Label)
    end

    # @return [Symbol, nil] for messages
    attr_reader :name

    # @raise [TypeError] always: memory is shared by forking, it cannot be sent
    def marshal_dump
      raise TypeError, "#{self.class.label(name)} cannot be dumped: children share it by being forked"
    end

    private

    def initialize_copy(_other)
      raise TypeError, "#{self.class.label(name)} cannot be copied#{instead_of_a_copy}"
    end

    def instead_of_a_copy = ""

    def described(state) = "#<#{self.class}#{" #{name.inspect}" if name} #{state}>"
  end
end
