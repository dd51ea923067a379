# frozen_string_literal: true

require_relative "take"

module Bench
  # The process of one contender.
  #
  # It is forked off the harness before anything was measured, so all contenders begin with the same
  # heap, and none is disturbed by what another has left (garbage, warm caches, threads, a grown heap).
  # It lives for all rounds: what is made once is made in the first, which is not measured and in which
  # the checksum covers every byte.
  class Seat
    # Seconds after which a run is taken for hung.
    LIMIT = 300

    attr_reader :contender, :values

    # @param others [Array<Seat>] made before; their pipes are inherited, and would be kept open
    def initialize(row, contender, others)
      @row = row
      @contender = contender
      @values = []
      requests, @requests = IO.pipe
      @answers, replies = IO.pipe.each(&:binmode)
      @pid = fork do
        [self, *others].each(&:close_pipes)
        serve(requests, replies)
      end
      [requests, replies].each(&:close)
    end

    def close_pipes
      [@requests, @answers].each(&:close)
    end

    # @param mode [Symbol] `:check` or `:measure`
    def run(mode)
      @requests.puts(mode)
      fail_with("hung") unless @answers.wait_readable(LIMIT)
      answer = Marshal.load(@answers) # rubocop:disable Security/MarshalLoad -- from a process of our own
      fail_with(answer) if answer.is_a?(String)
      value, arrived, expected = answer
      fail_with("#{arrived} (count, checksum) arrived, #{expected} were sent") if arrived != expected
      @values << value if mode == :measure
    rescue EOFError
      fail_with("its process has ended")
    end

    def close
      close_pipes
      Process.wait(@pid)
    end

    private

    def fail_with(why)
      abort "FAILED: #{@row.name}: #{@contender.name}: #{why}"
    end

    def serve(requests, replies)
      @row.prepare
      while (mode = requests.gets)
        replies.write(Marshal.dump(answer(mode.strip.to_sym)))
      end
      exit!(0)
    rescue Exception => e # rubocop:disable Lint/RescueException -- it is reported
      replies.write(Marshal.dump("#{e.message} (#{e.class})\n  #{e.backtrace.first(8).join("\n  ")}"))
      exit!(1)
    end

    def answer(mode)
      take = @row.take(mode)
      GC.start
      started = Bench.clock
      @contender.block.call(take)
      value, *arrived = take.result(Bench.clock - started)
      [value, arrived, take.sent || @row.expected(mode) || arrived]
    end
  end
end
