# frozen_string_literal: true

require_relative "system_limits"

module Minigun
  # The threads that a method starts for itself and takes along when it is left. A thread may be
  # interrupted when `Thread.new` returns, before anybody knows of the one that has begun: not here.
  #
  # @api private
  class OwnThreads
    def initialize
      @threads = []
    end

    # @yield in a new thread, which may be interrupted as any other; what it raises is raised by {#join}
    # @raise [ThreadError] when the system refuses
    # @return [void]
    def start(&block)
      Thread.handle_interrupt(Object => :never) do
        @threads << SystemLimits.named { Thread.new { quietly(&block) } }
      end
    end

    # @return [void]
    def join = @threads.each(&:join)

    # @return [void]
    def kill = @threads.each(&:kill).each(&:join)

    private

    def quietly(&block)
      Thread.current.report_on_exception = false
      Thread.handle_interrupt(Object => :immediate, &block)
    end
  end

  private_constant :OwnThreads
end
