# frozen_string_literal: true

require_relative "../native"
require_relative "../process_groups"
require_relative "error_record"
require_relative "record"

module Minigun
  module Execution
    # Runs the block in a forked child and brings its value home, whatever its size.
    class ForkContext < Context
      # Seconds between TERM and KILL.
      GRACE = 2.0
      # Bytes of the ring that carries the value.
      RING = 1 << 18
      private_constant :RING

      # @param (see Context#initialize)
      def initialize(name)
        super
        @turn = Thread::Mutex.new
      end

      # @return [self]
      # @raise [ForkError] when the system refuses
      # @raise [UnsafeForkError] in a signal handler, or beside other Ractors
      def execute(&block)
        check_block(block)
        refuse_second if @child
        @value = @error = @terminated = nil
        @child = spawn(block)
        self
      end

      # @return [Object, nil] the block's value; nil when the child left without one (`exit` in the
      #   block, or it was terminated), or before `execute`
      # @raise [Exception] what the block raised, as it was where it can travel
      # @raise [RemoteError] in the place of what this process cannot rebuild
      # @raise [SerializationError] when the value cannot travel
      # @raise [WorkerDied] when a signal that {#terminate} did not send ended the child
      def join
        @turn.synchronize { collect if @child }
        raise @error if @error

        @value
      end

      # @return [Boolean]
      def alive?
        child = @child
        child ? child.alive? : false
      end

      # Sends TERM, after {GRACE} seconds KILL, and waits for the end of the child. A value that the
      # child had delivered before is still there.
      def terminate
        child = @child
        return unless child

        @terminated = true
        child.terminate(grace: GRACE)
        child.join
        @turn.synchronize { collect if child.equal?(@child) }
        nil
      end

      private

      def spawn(block)
        child = Native::Child.new(ring: RING, label: name.to_s)
        Native.request_warmup
        child.spawn(group: Minigun.process_groups, title: "minigun:#{name}") { |channel| run_in_child(channel, block) }
      rescue Exception # rubocop:disable Lint/RescueException -- raised again
        child&.close
        raise
      end

      # Of a signal the child dies, so that the parent can tell.
      def run_in_child(channel, block)
        ending = :jump
        channel.write(Record::VALUE, 0, block.call)
        ending = :regular
      rescue SystemExit, SignalException => e
        ending = e.is_a?(SystemExit) ? :regular : :signal
        raise
      rescue Exception => e # rubocop:disable Lint/RescueException -- it is raised again in the parent
        channel.write(Record::FAILED, 0, ErrorRecord.dump(e))
        ending = :regular
      ensure
        # `return`, `throw` and `break` pass every rescue.
        channel.write(Record::FAILED, 0, ErrorRecord.dump(jumped)) if ending == :jump
        channel.finish unless ending == :signal
      end

      def jumped = Error.new("the block of context #{name.inspect} was left by return, throw or break")

      # What is thrown into the thread (a Timeout) is heard while it waits, and only then: a record
      # that was read would be lost with it.
      def collect
        Thread.handle_interrupt(Object => :on_blocking) do
          nil until take_record.nil?
          @error ||= death
          @child.close
          @child = nil
        end
      end

      def take_record
        kind, _aux, object = @child.read
        case kind
        when Record::VALUE then @value = object
        when Record::FAILED then @error = ErrorRecord.load(object)
        end
        kind
      rescue SerializationError => e
        @error = e
      end

      # A child that wrote its END left by its own will, `exit` included.
      def death
        status = @child.status || {}
        return if @terminated || @child.ended? || status[:signal].nil?

        WorkerDied.new(pid: @child.pid, signal: status[:signal], exit_code: status[:exit], peak_rss: status[:peak_rss])
      end
    end
  end
end
