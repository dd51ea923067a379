# frozen_string_literal: true

module CodeIndex
  # One line on a terminal that says how far the job is; nothing where there is no terminal.
  class Progress
    REDRAW_SECONDS = 0.2

    # @param io [IO]
    # @param indexer [Indexer]
    def initialize(io, indexer)
      @io = io
      @indexer = indexer
      @turn = Thread::Mutex.new
      @ended = Thread::ConditionVariable.new
      @done = false
    end

    # @yield runs the job
    def during
      return yield unless @io.tty?

      drawer = Thread.new { draw_until_done }
      begin
        yield
      ensure
        @turn.synchronize { (@done = true) && @ended.signal }
        drawer.join
      end
    end

    private

    def draw_until_done
      @turn.synchronize do
        until @done
          @io.print "\r\e[K#{line}"
          @ended.wait(@turn, REDRAW_SECONDS)
        end
        @io.print "\r\e[K"
      end
    end

    def line
      "files: #{count(:list, :items_produced)} found, #{count(:read, :items_consumed)} read; " \
        "definitions: #{@indexer.kinds.each_value.sum}; not indexed: #{@indexer.failures.size}"
    end

    # The counters of a run can be read while it goes on.
    def count(stage, counter)
      stats = @indexer.class._minigun_task.root_pipeline.stats
      stats ? stats.for_stage(stage).public_send(counter) : 0
    end
  end
end
