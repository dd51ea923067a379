# frozen_string_literal: true

module Minigun
  module Native
    # What `emit` does in one running block of this process.
    #
    # @api private
    class Emitter
      # @!method initialize(node)
      #   @param node [#outlet, #outlet_to, #unknown_target, #scope_of, #name]

      # @!method self.remote(node, uplink)
      #   One of a child, made there or by its parent, whose emissions go to the parent.
      #   @param node [#scope_of, #name]
      #   @param uplink [Execution::Uplink]
      #   @return [Emitter]

      # @!method emit(item)
      #   @return [nil]
      #   @raise [Error] when the block has returned, and in a process that it has forked itself

      # @!method emit_to_stage(name, item)
      #   @return [nil]
      #   @raise (see #emit)

      # @!method emitted
      #   @return [Integer] emissions so far
      # @!method close
      #   The block has returned.
      # @!method open?
      #   @return [Boolean]
      # @!method scope
      #   @return [Scope] of the same block
    end

    # The thread group of a running block; it carries the block's scope or emitter.
    #
    # @api private
    class Carrier < ThreadGroup
      # @return [Emitter, nil]
      attr_accessor :emitter

      # @return [Scope]
      attr_writer :scope

      # @return [Scope]
      def scope = @scope || @emitter&.scope
    end

    # `emit` and `emit_to_stage` of the object that blocks run on.
    #
    # @api private
    module Emission
      # @!method emit(item)
      #   @see Minigun::Emission#emit
      #   @return [nil]

      # @!method emit_to_stage(name, item)
      #   @see Minigun::Emission#emit_to_stage
      #   @return [nil]
    end

    # @!method self.forget_emitter
    #   To be called whenever the running thread changes its group.

    # @!method self.forget_emitters
    #   To be called when a run is over: it shall not be kept alive by its last emission.
  end
end
