# frozen_string_literal: true

require_relative "../errors"
require_relative "../native"
require_relative "../process_groups"
require_relative "../suggestion"
require_relative "error_record"
require_relative "isolation"
require_relative "ractor_cell"
require_relative "record"

module Minigun
  # Where blocks run: inline, in threads, in child processes.
  module Execution
    # A block and the place where it runs, outside of any pipeline.
    #
    # @abstract
    class Context
      # @return [Object] what the caller named it
      attr_reader :name

      # @param name [Object]
      def initialize(name)
        @name = name
      end

      # @return [Symbol] `:inline`, `:thread`, `:fork` or `:ractor`
      def type
        self.class.name.split("::").last.delete_suffix("Context").downcase.to_sym
      end

      # Starts the block.
      # @return [self]
      def execute(&_block) = raise(NotImplementedError, "#{self.class}#execute")

      # Waits for the block.
      # @return [Object] its value
      # @raise [Exception] what it raised
      def join = raise(NotImplementedError, "#{self.class}#join")

      # @return [Boolean] does the block run?
      def alive? = raise(NotImplementedError, "#{self.class}#alive?")

      # Ends the block.
      # @return [void]
      def terminate = raise(NotImplementedError, "#{self.class}#terminate")
    end

    # Runs the block at once, in the caller.
    class InlineContext < Context
      # @return [self]
      # @raise [Exception] what the block raises
      def execute
        @value = yield
        self
      end

      # @return [Object] the block's value
      def join = @value

      # @return [false]
      def alive? = false

      # Nothing runs that could be ended.
      def terminate; end
    end

    # Runs the block in a thread.
    class ThreadContext < Context
      # @return [self]
      def execute(&block)
        @thread = Thread.new do
          Thread.current.report_on_exception = false
          Thread.current.name = name.to_s
          block.call
        end
        self
      end

      # @return [Object, nil] the block's value; nil before `execute`
      def join = @thread&.value

      # @return [Boolean]
      def alive? = @thread ? @thread.alive? : false

      # Kills the thread and waits for it.
      def terminate
        @thread&.kill
        @thread&.join
      rescue StandardError
        # The block's own error belongs to `join`.
        nil
      end
    end

    # Runs the block in a forked child and brings its value home, whatever its size.
    class ForkContext < Context
      # Seconds between TERM and KILL.
      GRACE = 2.0

      # @return [self]
      def execute(&block)
        @child = Native::Child.new(ring: 1 << 18, label: name.to_s)
        @child.spawn(group: Minigun.process_groups) { |channel| run_in_child(channel, block) }
        self
      end

      # @return [Object, nil] the block's value; nil when the child left without one (`exit` in the
      #   block, or it was terminated), or before `execute`
      # @raise [Exception] what the block raised
      # @raise [WorkerDied] when the child was killed by somebody else
      def join
        collect if @child
        raise @error if @error

        @value
      end

      # @return [Boolean]
      def alive? = @child ? @child.alive? : false

      # Sends TERM, after {GRACE} seconds KILL, and waits for the end of the child.
      def terminate
        return unless @child

        @terminated = true
        @child.terminate(grace: GRACE)
        @child.join
        release
      end

      private

      def run_in_child(channel, block)
        Process.setproctitle("minigun:#{name}")
        channel.write(Record::VALUE, 0, block.call)
      rescue SystemExit, SignalException
        nil
      rescue Exception => e # rubocop:disable Lint/RescueException -- it is raised again in the parent
        channel.write(Record::FAILED, 0, ErrorRecord.dump(e))
      ensure
        channel.finish
      end

      def collect
        while (record = @child.read)
          kind, _aux, object = record
          kind == Record::VALUE ? @value = object : @error = ErrorRecord.load(object)
        end
        @error ||= death
        release
      end

      # A child that wrote its END left by its own will, `exit` included.
      def death
        status = @child.status || {}
        return if @terminated || @child.ended? || status[:signal].nil?

        WorkerDied.new(pid: @child.pid, signal: status[:signal], exit_code: status[:exit])
      end

      def release
        @child.close
        @child = nil
      end
    end

    # Runs the block in a Ractor, when it can be isolated; else in a thread, and one warning in the life
    # of the process says why (see {Isolation}). In a Ractor the block's self is an object that knows the
    # functions of Ruby, and nothing else.
    #
    # While a Ractor runs nobody may fork: {ForkContext} and stages in child processes are refused with
    # an {UnsafeForkError}. As soon as {#join} or {#terminate} is over they are possible again.
    class RactorContext < ThreadContext
      def initialize(name)
        super
        @turn = Thread::Mutex.new
      end

      # @return [self]
      def execute(&block)
        @cell = @outcome = nil
        obstacle = obstacle_to(block) || start(block)
        return self unless obstacle

        warn_once(obstacle)
        super
      end

      # @return [Object, nil] the block's value: the very object; nil when it was terminated, and before
      #   `execute`
      # @raise [Exception] what the block raised
      def join
        return super unless @cell

        how, object = @turn.synchronize { @outcome ||= collect }
        raise object if how == :error

        object
      end

      # @return [Boolean]
      def alive? = @cell ? @cell.alive? : super

      # Ends the block and waits for the Ractor to be gone.
      def terminate
        return super unless @cell

        @cell.stop
        @turn.synchronize { @outcome ||= collect }
        nil
      end

      private

      def obstacle_to(block)
        Isolation.unavailable || Isolation.obstacle(block, block&.binding&.receiver)
      rescue ArgumentError
        "is not written as a block"
      end

      # @return [String, nil] what went wrong
      def start(block)
        @cell = RactorCell.start(Once, block, name: name.to_s)
        nil
      rescue ThreadError, SystemCallError => e
        e.message
      end

      def collect
        @cell.wait
        # From here on it takes no time.
        Thread.handle_interrupt(Object => :never) do
          @outcome = @cell.value || [:ended, nil]
          @cell.release
        end
        @outcome
      end

      def warn_once(obstacle)
        return unless Minigun.respond_to?(:logger)

        Suggestion.warn_once(:ractor_context, "[Minigun] a RactorContext (#{name}) runs its block in a thread, " \
                                              "not in a Ractor: it #{obstacle}")
      end

      # What the Ractor does.
      module Once
        # @return [Array(Symbol, Object)] how the block ended, and with what
        def self.call(block, _results)
          [:value, Object.new.instance_exec(&block)]
        rescue Exception => e # rubocop:disable Lint/RescueException -- `join` raises it
          [:error, e]
        end
      end
      private_constant :Once
    end

    TYPES = {
      inline: InlineContext, thread: ThreadContext, fork: ForkContext, ractor: RactorContext
    }.freeze
    private_constant :TYPES

    # @param type [Symbol] `:inline`, `:thread`, `:fork` or `:ractor`
    # @param name [Object]
    # @return [Context]
    # @raise [ArgumentError] for any other type
    def self.create_context(type, name)
      TYPES.fetch(type) { raise ArgumentError, "Unknown context type: #{type.inspect}" }.new(name)
    end
  end
end
