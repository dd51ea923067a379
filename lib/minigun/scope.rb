# frozen_string_literal: true

require_relative "native"
require_relative "shared"
require_relative "targeted_item"

module Minigun
  # The running block, seen from inside: where `emit` of this block goes.
  #
  # A scope is bound to the thread that runs the block by way of the thread's ThreadGroup. Threads
  # and fibers started inside the block inherit the group and with it the scope, which neither
  # thread-locals nor fiber-locals do; so `emit` works from a thread that the user starts.
  # When the block has returned its scope is closed, and a straggler is told so instead of having
  # its items attributed to whatever runs next.
  #
  # @api private
  class Scope
    class << self
      # @return [Scope, nil] the scope of the block that runs here, or nil outside of blocks
      def current
        group = Thread.current.group
        group.scope if group.is_a?(Native::Carrier)
      end

      # @param value [Array]
      # @return [void]
      # @raise [ArgumentError] when there are several
      def one_value(value)
        raise ArgumentError, "stop! takes one value at most, got #{value.size}" if value.size > 1
      end

      # Runs the block and collects what it emits.
      #
      # @return [Array] items in emission order; targeted ones as {TargetedItem}
      def collect(stage_name = nil, &block)
        collector = Collector.new(stage_name)
        collector.enter(&block)
        collector.items
      end
    end

    # @return [Symbol, nil] the stage whose block runs
    attr_reader :stage_name

    # @return [Thread, nil] that has entered it
    attr_reader :thread

    # @return [Integer] the attempt at the current item, from 1
    attr_reader :attempt

    # @param stage_name [Symbol, nil]
    # @param context [Object, nil] the object that the block runs on
    # @param attempt [Integer]
    def initialize(stage_name, context = nil, attempt = 1)
      @stage_name = stage_name
      @context = context
      @attempt = attempt
      @carrier = @thread = nil
      @closed = false
    end

    # @param name [Symbol]
    # @return [SharedCounter, SharedCollection] what the class declared under this name, also where
    #   it has a method of its own by that name
    # @raise [KeyError] when it declared nothing of the kind
    def shared(name) = Shared.of(@context)[name]

    # Makes what {#enter} needs, for a process in which that is dear.
    # @return [self]
    def prepare
      @carrier = carrier
      self
    end

    # Runs the block with this scope as the current one, then closes the scope.
    #
    # @return [Object] the block's value
    def enter
      @thread = thread = Thread.current
      outer = thread.group
      (@carrier || carrier).add(thread)
      Native.forget_emitter
      yield
    ensure
      @closed = true
      outer&.add(thread)
      Native.forget_emitter
    end

    # Ends the run early, see {DSL#stop!}.
    # @param value [Array] nothing, or what the run is to return
    # @return [nil]
    # @raise [Error] when there is no run
    def stop!(*value) # rubocop:disable Lint/UnusedMethodArgument
      raise Error, "stop! called outside a run"
    end

    # @abstract
    def emit(_item) = raise(NotImplementedError)

    # @abstract
    def emit_to_stage(_name, _item) = raise(NotImplementedError)

    private

    def carrier
      Native::Carrier.new.tap { |carrier| carrier.scope = self }
    end

    def refuse_closed
      raise Error, "emit called after the block of stage #{stage_name.inspect} had returned"
    end

    # Keeps what a block emits, for {AtomicStage#execute_with_emit}.
    class Collector < Scope
      # @return [Array]
      attr_reader :items

      def initialize(stage_name, context = nil)
        super
        @items = []
      end

      def emit(item)
        refuse_closed if @closed
        @items << item
        nil
      end

      def emit_to_stage(name, item)
        refuse_closed if @closed
        @items << TargetedItem.build(item, name)
        nil
      end
    end
  end
end
