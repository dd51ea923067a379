# frozen_string_literal: true

require_relative "../../lib/minigun"

module Bench
  # A producer in a child, a consumer in the parent.
  class Streaming
    include Minigun::DSL

    # @param count [Integer]
    # @param make [#call] makes the item of a number, in the child
    # @param take [Take]
    def initialize(count, make, take)
      @count = count
      @make = make
      @take = take
    end

    pipeline do
      processes(1) do
        producer(:source) { @count.times { |number| emit @make.call(number) } }
      end
      consumer(:sink) { |item| @take << item }
    end

    # The same through the ring and the codec, without a pipeline around them.
    def self.wire(count, make, take)
      child = Minigun::Native::Child.new
      child.spawn do |channel|
        count.times { |number| channel.write(2, 0, make.call(number)) }
        channel.finish
      end
      while (record = child.read)
        take << record[2]
      end
      child.close
    end
  end
end
