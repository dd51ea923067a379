# frozen_string_literal: true

require_relative "../emission"
require_relative "../errors"
require_relative "../native"
require_relative "../stage/atomic_stage"

module Minigun
  module Execution
    # Goes once, in the parent and to no effect, through what every child goes through.
    #
    # At each call in a method Ruby notes the class that it has met there and the method it has
    # found. A note that is made in a child costs the copy of a page or more, in every child anew;
    # made here, before the first fork, it is shared. A child with little to do copies a third fewer
    # pages then.
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

      # @param node [Flow::Node] any that is about to fork
      # @return [void]
      def once(node)
        return if @held

        @held = true
        stage = AtomicStage.new(name: :rehearsal, block: BLOCK)
        work = Work.new(stage, Performer.new, HOOKS)
        ChildMain.new(node, Channel.new, work).for_one(:item, 1).call(nil)
        meet_channel
      end

      # What is noted last holds: the class of a real channel, though a closed one refuses.
      def meet_channel
        child = Native::Child.new(ring: 256)
        child.close
        uplink = Uplink.new(child)
        calls = { write: [Record::EMIT, 0, nil], read: [], start_item: [1], finish_item: [1, true], finish: [] }
        calls.each do |name, arguments|
          uplink.public_send(name, *arguments)
        rescue Error
          nil
        end
      end
    end
  end
end
