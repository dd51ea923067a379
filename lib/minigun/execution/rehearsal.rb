# frozen_string_literal: true

require_relative "../emission"
require_relative "../stage/atomic_stage"

module Minigun
  module Execution
    # Goes once, in the parent and to no effect, through what every child goes through.
    #
    # At each call in a method Ruby notes what it has found there. A note that is made in a child
    # costs the copy of a page, in every child anew; made here, before the first fork, it is shared:
    # of the pages that a child with little to do touches, a third less.
    #
    # @api private
    module Rehearsal
      # Takes what a child sends, and forgets it.
      class Channel
        def write(_kind, _number, _object) = true
        def start_item(_sequence) = nil
        def finish_item(_sequence, _success) = nil
        def finish = nil
      end
      private_constant :Channel

      # A user's object with a container of each kind.
      class Performer
        include Emission

        def initialize
          @list = []
          @set = Set.new
          @counts = Hash.new(0)
          @nested = { list: [], number: 0 }
        end
      end
      private_constant :Performer

      # A stage's place in a run.
      Node = Struct.new(:name, :work) do
        def isolated? = false
      end
      private_constant :Node

      BLOCK = proc do |item|
        emit(item)
        @list << item
        @set << item
        @counts[item] += 1
        @nested[:list] << item
        @nested[:number] += 1
      end
      private_constant :BLOCK

      HOOKS = { before: [], after: [], after_fork: [], before_exit: [] }.freeze
      private_constant :HOOKS

      module_function

      # @return [void]
      def once
        return if @held

        @held = true
        stage = AtomicStage.new(name: :rehearsal, block: BLOCK)
        node = Node.new(stage.name, Work.new(stage, Performer.new, HOOKS))
        ChildMain.new(node, Channel.new).run_one(:item)
      end
    end
  end
end
