# frozen_string_literal: true

require "io/wait"
require_relative "clock"
require_relative "native"
require_relative "scope"

module Minigun
  # INT, TERM and QUIT while runs are under way.
  #
  # The handlers only write to a pipe; a thread reads it and tells the runs that are under way:
  # the first signal asks for an orderly end, the second (or the end of the grace time) for an
  # immediate one. Handlers are installed by the first of several simultaneous runs and given back
  # by the last one, which also sends the signal again: sooner, it would be a second signal to the
  # others. A run inside a block of another one belongs to the item that is worked on there: an
  # orderly end lets it finish.
  #
  # @api private
  class Signals
    # Signals that end a run.
    NAMES = %w[INT TERM QUIT].freeze
    # What the thread is told to end by: a process that a block has forked may keep the pipe open.
    LEAVE = "\0"
    private_constant :LEAVE
    # Seconds between an orderly end being asked for and an immediate one.
    GRACE = 30.0

    @turn = Thread::Mutex.new

    class << self
      # Runs the block; signals that arrive meanwhile go to `listener`.
      #
      # @param listener [#signal] called with the signal's name and true when the run has to end now
      def listen(listener)
        join(listener)
        yield
      ensure
        # Cut short by what is thrown in meanwhile, this would leave the handlers behind.
        Thread.handle_interrupt(Object => :never) { leave(listener) }
      end

      # Sends the signal that has ended the runs to this process again, once, when the last of them
      # is over.
      def deliver
        name = @turn.synchronize { @undelivered.tap { @undelivered = nil } }
        Process.kill(name, Process.pid) if name
      end

      private

      def join(listener)
        @turn.synchronize do
          # A forked child inherits the parent's hub, but neither its thread nor its runs.
          @hub = new unless @hub&.usable?
          @hub.add(listener, nested: !Scope.current.nil?)
        end
      end

      # Undoes a join that was interrupted halfway as well.
      def leave(listener)
        @turn.synchronize do
          next unless @hub&.remove(listener)

          @undelivered = @hub.last
          @hub = nil
        end
      end
    end

    # @return [String, nil] the signal that has arrived last
    attr_reader :last

    def initialize
      @pid = Process.pid
      @listeners = []
      @nested = []
      @previous = {}
    end

    # @return [Boolean]
    def usable? = @pid == Process.pid && (@thread.nil? || @thread.alive?)

    # @param listener [#signal] is told at once of a signal that has arrived before
    # @param nested [Boolean] does it run inside a block?
    def add(listener, nested: false)
      nested &&= @listeners.any?
      @listeners << listener
      @nested << listener if nested
      open
      listener.signal(@last, false) if @last && !nested
    end

    # A signal that has arrived by now still reaches the listener.
    #
    # @param (see #add)
    # @return [Boolean] was it the last one? Then the previous handlers are back.
    def remove(listener)
      last = @listeners.all? { |other| other.equal?(listener) }
      close if last
      [@listeners, @nested].each { |list| list.delete(listener) }
      last
    end

    private

    # Each step is taken once, and known to be taken, whatever interrupts the whole.
    def open
      SystemLimits.named do
        @reader, @writer = IO.pipe unless @writer
        @thread ||= Thread.new { listen }
      end
      NAMES.each { |name| @previous[name] = Signal.trap(name, &handler(name)) unless @previous.key?(name) }
    end

    def close
      @previous.each { |name, handler| Signal.trap(name, handler || "DEFAULT") }
      @writer&.write_nonblock(LEAVE, exception: false) if Native.pid == @pid
      @writer&.close
      @thread&.join
      @reader&.close
    end

    def handler(name)
      writer = @writer
      proc { Native.pid == @pid ? writer.write_nonblock(name[0], exception: false) : hand_back(name) }
    end

    # In a process that a block has forked itself: what it gets is its own affair, not the run's.
    def hand_back(name)
      Signal.trap(name, @previous[name] || "DEFAULT")
      Process.kill(name, Process.pid)
    end

    def listen
      ThreadGroup::Default.add(Thread.current)
      deadline = nil
      loop do
        wait = deadline && [deadline - Minigun.monotonic_time, 0].max
        arrived = @reader.wait_readable(wait)
        letter = arrived && @reader.read_nonblock(1)
        break if letter == LEAVE

        name = NAMES.find { |candidate| candidate[0] == letter } || @last
        @last = name
        tell(name, !deadline.nil?)
        deadline = Minigun.monotonic_time + GRACE
      end
    rescue EOFError
      nil
    end

    def tell(name, now)
      (now ? @listeners.dup : @listeners - @nested).each { |listener| listener.signal(name, now) }
    end
  end
end
