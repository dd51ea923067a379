# frozen_string_literal: true

require_relative "../clock"
require_relative "error_record"
require_relative "ractor_scope"
require_relative "ractor_wire"
require_relative "record"

module Minigun
  module Execution
    # What a stage's Ractor does: works on one item after another, until there are no more.
    #
    # Nothing of the extension may be called in here.
    #
    # @api private
    class RactorWorker
      # The work of a {RactorCell}.
      def self.call(...)
        new(...).run
        nil
      rescue SystemCallError, IOError
        # The slot has gone.
        nil
      end

      # @param block [Proc] isolated
      # @param results [IO]
      # @param items [IO]
      # @param duty [Array(Symbol, Symbol, Boolean)] the stage's name; what its block works on (see
      #   {Work#sort}); does an Array stand for several parameters?
      def initialize(block, results, items, duty)
        @block = block
        @stage, @sort, @spread = duty
        @items = RactorWire.new(items)
        @results = RactorWire.new(results)
      end

      # @return [void]
      def run
        while (_kind, bytes = @items.read)
          work_on(bytes)
        end
      end

      private

      def work_on(bytes)
        scope = RactorScope.new(@stage, @results)
        started = Minigun.monotonic_time
        item = arrive(bytes)
        scope.enter { perform(item, scope) }
        conclude(Record::DONE, Minigun.monotonic_time - started)
      rescue Exception => e # rubocop:disable Lint/RescueException -- the slot deals with it
        conclude(Record::FAILED, Minigun.monotonic_time - started, ErrorRecord.dump(e), foreign?(e), scope.emitted)
      end

      def arrive(bytes)
        Marshal.load(bytes) # rubocop:disable Security/MarshalLoad -- the slot has written it
      rescue StandardError => e
        raise RactorScope::Unsendable, "gets what cannot be rebuilt in a Ractor: #{e.message}"
      end

      def perform(item, scope)
        self_of_block = RactorScope::StandIn.new
        case @sort
        when :producer then self_of_block.instance_exec(&@block)
        when :batch then hand_on(call(self_of_block, item), scope)
        else call(self_of_block, item)
        end
      end

      def call(self_of_block, item)
        return self_of_block.instance_exec(*item, &@block) if @spread && item.is_a?(Array)

        self_of_block.instance_exec(item, &@block)
      end

      # The value of an accumulator's block goes on when the block has emitted nothing.
      def hand_on(value, scope)
        scope.emit(value) if scope.emitted.zero?
      end

      # What the item has printed is there when the item is done.
      def conclude(kind, *outcome)
        RactorCell.flush($stdout, $stderr)
        @results.write(kind, Marshal.dump(outcome))
      end

      # Was it the Ractor's fault? Then the same block may do well in a thread.
      def foreign?(error)
        case error
        when nil then false
        when RactorScope::Unsendable, Ractor::IsolationError, Ractor::UnsafeError then true
        else different_ractor?(error) || foreign?(error.cause)
        end
      end

      # What `define_method` has made has no error class of its own.
      def different_ractor?(error)
        error.instance_of?(RuntimeError) && error.message.include?("in a different Ractor")
      end
    end
  end
end
