# frozen_string_literal: true

require "io/wait"
require_relative "../clock"
require_relative "isolation"

module Minigun
  module Execution
    # A Ractor that can be ended from outside, seen from the outside.
    #
    # Ruby offers no way to end a Ractor, and its mailboxes can be waited on by one thread at a time
    # (Ruby 3.1). So the work is done by a thread inside, which another one ends when the outside says so,
    # and everything travels through two pipes: any number of threads may wait on those, and such a wait
    # can be interrupted. The pipe of results ends when the Ractor does.
    #
    # @api private
    class RactorCell
      # Seconds that a Ractor which has done its work takes at most to disappear.
      LEAVING = 5.0
      # Seconds that the last one is waited for when Ruby still counts others, which may be anybody's.
      PATIENCE = 0.2
      # Between two looks at a Ractor that is about to disappear.
      PAUSE = 0.0002
      STOP = "s"
      private_constant :LEAVING, :PATIENCE, :PAUSE, :STOP

      @turn = Thread::Mutex.new
      @held = 0

      class << self
        # @return [Integer] cells that were not released yet
        attr_reader :held

        # @api private
        def count(change) = @turn.synchronize { @held += change }

        # @param work [Module] gets `call(block, results, *arguments)` inside, or with `input` after
        #   `results`; its value is the cell's
        # @param block [Proc] see {Isolation.copy}
        # @param arguments [Array] shareable
        # @param input [IO, nil] a pipe to read from inside, which belongs to the cell from now on
        # @return [RactorCell]
        # @raise [ThreadError, SystemCallError] when the system has no room for another
        def start(work, block, *arguments, input: nil, name: nil)
          copy = Isolation.copy(block)
          flush($stdout)
          # Nothing that is thrown in meanwhile may leave a Ractor behind that nobody knows.
          Thread.handle_interrupt(Object => :never) { connect(work, copy, arguments, input, name) }
        end

        # What runs inside. A Ractor inherits from its maker which interrupts have to wait.
        # @api private
        def inhabit(...)
          Thread.handle_interrupt(Object => :immediate) { live(...) }
        end

        # What waits in a buffer is printed before what others print later.
        # @api private
        def flush(*outputs)
          outputs.each { |io| io.flush if io.respond_to?(:flush) }
        rescue SystemCallError, IOError
          # Nobody listens any more.
          nil
        end

        private

        # This thread, which nobody ends, opens and closes everything.
        def live(work, block, descriptors, arguments)
          commands, results, *input = descriptors.zip(%w[rb wb rb]).map { |number, mode| IO.for_fd(number, mode) }
          worker = quiet_thread { work.call(block, results, *input, *arguments) }
          listener = quiet_thread { worker.kill if commands.read(1) }
          worker.value
        ensure
          listener&.kill&.join
          flush($stdout, $stderr)
          [commands, results, *input].compact.each(&:close)
        end

        def connect(work, block, arguments, input, name)
          pipes = [IO.pipe, IO.pipe]
          inner = [pipes[0].first, pipes[1].last, input].compact
          inner.each { |io| io.autoclose = false }
          ractor = open_ractor(work, block, inner.map(&:fileno).freeze, arguments.freeze, name)
          new(ractor, pipes[0].last, pipes[1].first)
        ensure
          give_back([pipes, input].flatten.compact) unless ractor
        end

        def open_ractor(work, block, descriptors, arguments, name)
          without_warning do
            Ractor.new(work, block, descriptors, arguments, name: name) do |*args|
              RactorCell.inhabit(*args)
            end
          end
        end

        # Ruby calls the first Ractor of a process experimental.
        def without_warning
          @turn.synchronize do
            before = Warning[:experimental]
            Warning[:experimental] = false
            yield
          ensure
            Warning[:experimental] = before
          end
        end

        def give_back(pipes)
          pipes.each do |io|
            io.autoclose = true
            io.close
          end
        end

        def quiet_thread
          Thread.new do
            Thread.current.report_on_exception = false
            yield
          end
        end
      end

      private_class_method :new

      # @return [IO] what the work writes; ends when the Ractor does
      attr_reader :results

      def initialize(ractor, commands, results)
        @ractor = ractor
        @commands = commands
        @results = results
        RactorCell.count(1)
      end

      # Ends the work wherever it is. Callable from any thread, at any time.
      def stop
        @commands.write_nonblock(STOP, exception: false)
        nil
      rescue SystemCallError, IOError
        # It has ended by itself.
        nil
      end

      # Of a cell whose work writes no results.
      # @return [Boolean]
      def alive?
        !@results.closed? && @results.wait_readable(0).nil?
      rescue IOError
        false
      end

      # Waits until the Ractor is gone; what it still writes is dropped.
      #
      # @param seconds [Float, nil] to wait at most
      # @return [Boolean] is it gone?
      def wait(seconds = nil)
        limit = seconds && (Minigun.monotonic_time + seconds)
        drain(limit) && vanish
      end

      # @return [Object, nil] the value of the work; nil when it was ended. To be asked once, after {#wait}.
      def value
        @ractor.respond_to?(:value) ? @ractor.value : @ractor.take
      end

      # Gives the pipes back.
      def release
        RactorCell.count(-1) unless @commands.closed?
        [@commands, @results].each(&:close)
      end

      private

      def drain(limit)
        loop do
          return false unless @results.wait_readable(limit && [limit - Minigun.monotonic_time, 0].max)
          return true if @results.read_nonblock(1 << 16, exception: false).nil?
        end
      end

      # It counts as a Ractor until its last thread is gone, a moment after its last word, and until then
      # nobody may fork. Ruby has no event for this.
      def vanish
        began = Minigun.monotonic_time
        until gone?(waited = Minigun.monotonic_time - began)
          return false if waited > LEAVING

          sleep(PAUSE)
        end
        true
      end

      # One that says it has terminated is counted a little longer. Of several cells the last one to leave
      # waits for the count, on behalf of all.
      def gone?(waited)
        return true if Ractor.count == 1

        @ractor.inspect.end_with?(" terminated>") && (RactorCell.held > 1 || waited > PATIENCE)
      end
    end
  end
end
