# frozen_string_literal: true

require_relative "ractor_cell"
require_relative "ractor_worker"

module Minigun
  module Execution
    # A slot's end of the pipes to one Ractor at a time: starts it, hands it items, routes what comes
    # back.
    #
    # @api private
    class RactorLink
      # Seconds that a block which is being ended takes at most.
      GRACE = 5.0

      # @param node [Flow::Node]
      def initialize(node)
        @node = node
      end

      # @return [Boolean] is there a Ractor that may take an item?
      def open? = !@cell.nil?

      # @raise [ThreadError, SystemCallError] when the system has no room for another
      def open
        Thread.handle_interrupt(Object => :never) { connect }
      end

      # Has an item worked on.
      #
      # @param bytes [String]
      # @return [Array, nil] `[:done, seconds]`, `[:failed, seconds, error, foreign, emitted]`; nil = the
      #   block has ended the thread that ran it
      def call(bytes)
        outcome = nil
        @items.write(Record::ITEM, bytes)
        outcome = await
      rescue Errno::EPIPE
        nil
      ensure
        # A Ractor that is left halfway through an item is of no use.
        abort unless outcome
      end

      # Ends the block that runs, if any. Callable from any thread.
      # @return [Boolean] false when there has been no Ractor so far
      def stop
        cell = @cell
        cell&.stop
        !cell.nil?
      end

      # Lets the Ractor end, as there are no more items.
      def close
        return unless @cell

        @items.close
        leave
      end

      # Ends the Ractor wherever it is.
      def abort
        return unless @cell

        @cell.stop
        @items.close
        leave
      end

      private

      def connect
        reader, writer = IO.pipe
        duty = [@node.name, @node.work.sort, spread?].freeze
        @cell = RactorCell.start(RactorWorker, @node.stage.block, duty,
                                 input: reader, name: "minigun:#{@node.name}")
        @items = RactorWire.new(writer)
        @results = RactorWire.new(@cell.results)
      ensure
        [reader, writer].compact.each(&:close) unless @cell
      end

      def spread?
        block = @node.stage.block
        block.lambda? && block.arity > 1
      end

      # Routes what the Ractor sends until the item has an outcome.
      def await
        while (kind, bytes = @results.read)
          case kind
          when Record::DONE then return [:done, *Marshal.load(bytes)] # rubocop:disable Security/MarshalLoad
          when Record::FAILED then return failure(bytes)
          else dispatch(kind, bytes)
          end
        end
      end

      def failure(bytes)
        seconds, error, foreign, emitted = Marshal.load(bytes) # rubocop:disable Security/MarshalLoad
        [:failed, seconds, ErrorRecord.load(error), foreign, emitted]
      end

      def dispatch(kind, bytes)
        begin
          object = Marshal.load(bytes) # rubocop:disable Security/MarshalLoad -- our own Ractor wrote it
        rescue StandardError => e
          return @node.emission_failed("(unknown)", e)
        end
        case kind
        when Record::EMIT then @node.route(object)
        when Record::EMIT_TO then @node.route_to(*object)
        when Record::LOST then @node.emission_failed(object[0], ErrorRecord.load(object[1]))
        end
      end

      # What interrupts this is followed by another {#abort}, which begins again.
      def leave
        gone = @cell.wait(GRACE)
        @node.warn_once(:ractor_stays, "a Ractor does not end: nothing can be forked until it does") unless gone
        @cell.release
        @cell = nil
      end
    end
  end
end
