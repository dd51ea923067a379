# frozen_string_literal: true

# Waiting for events with a deadline, never for a fixed time.
module Eventually
  # The longest pause between two looks where only polling is possible, in seconds.
  POLL_SLICE = 0.01

  # Runs the block until it returns something true, and returns that.
  #
  # @param deadline [Numeric] seconds
  # @raise [RSpec::Expectations::ExpectationNotMetError] when the deadline passed
  def eventually(deadline = 10, message = "the condition did not come true")
    limit = monotonic_now + deadline
    loop do
      result = yield
      return result if result

      RSpec::Expectations.fail_with("#{message} within #{deadline} s") if monotonic_now >= limit
      IO.select(nil, nil, nil, POLL_SLICE)
    end
  end

  # @yield what a new thread does
  # @return [Thread] as soon as it waits in the block
  def waiting(&block)
    thread = Thread.new(&block)
    thread.report_on_exception = false
    eventually(5, "the thread does not wait") { thread.status == "sleep" }
    thread
  end

  # Reads the next line from an IO.
  #
  # @return [String, nil] the line; nil at the end of the stream
  def read_line(io, deadline = 10)
    RSpec::Expectations.fail_with("nothing to read within #{deadline} s") unless io.wait_readable(deadline)
    io.gets
  end

  # @return [Float] seconds of the monotonic clock
  def monotonic_now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
