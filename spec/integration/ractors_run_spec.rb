# frozen_string_literal: true

RSpec.describe "stages in Ractors (contract 4, 21.6)", unless: Minigun::Execution::Isolation.unavailable do
  include Runs

  include_context "nothing is left"

  after { eventually(5, "Ractors are left") { Ractor.count == 1 } }

  # A job with one processor, of the given block, in Ractors.
  def job_in(kind, items = 10, width: 2, &block)
    job do
      producer(:source) { items.is_a?(Integer) ? items.times { |n| emit n } : items.each { |item| emit item } }
      Runs.within(self, kind, width) { |options| processor(:work, options, &block) }
      consumer(:sink) { |item| @results << item }
      consumer(:far) { |item| @results << [:far, item] }
    end
  end

  def thread_warnings = log_output.lines.grep(/not in Ractors|run in threads/)

  # Waits until a file has stopped growing, and returns its size.
  def settled_size(path)
    sizes = []
    eventually(20, "the producer did not come to rest") do
      sizes << File.size(path)
      sizes.size > 8 && sizes.last.positive? && sizes.last(8).uniq.size == 1
    end
    sizes.last
  end

  %i[ractors ractor_per_batch].each do |kind|
    context(kind.to_s) do
      it "runs a processor's block in real Ractors" do
        job = job_in(kind) { |n| emit [n * n, Ractor.current == Ractor.main] }
        expect(job.run).to eq(10)
        expect(job.results).to match_array(Array.new(10) { |n| [n * n, false] })
        expect([thread_warnings, Ractor.count]).to eq([[], 1])
      end

      it "delivers to a named stage alone (contract 10.2)" do
        job = job_in(kind, 3) { |n| emit_to_stage :far, [n, Ractor.current == Ractor.main] }
        job.run
        expect(job.results).to match_array(Array.new(3) { |n| [:far, [n, false]] })
      end

      it "logs an unknown target, and goes on (contract 10.2)" do
        job = job_in(kind, 2) do |n|
          emit_to_stage :nowhere, n
          emit n
        end
        job.run
        expect(job.results).to contain_exactly(0, 1)
        expect(log_output).to include("unknown stage :nowhere")
      end

      it "runs a producer, and a batch of an accumulator: what it emits, else its value (contract 7.3)" do
        job = job do
          Runs.within(self, kind) do |options|
            producer(:source, options) { 4.times { |n| emit [n, Ractor.current == Ractor.main] } }
            accumulator(:batch, options.merge(max_size: 2)) do |batch|
              emit [:emitted, batch.map(&:first), Ractor.current == Ractor.main] if batch.first.first.zero?
              [:value, batch.map(&:first), batch.map(&:last), Ractor.current == Ractor.main]
            end
          end
          consumer(:sink) { |item| @results << item }
        end
        expect(job.run).to eq(4)
        expect(job.results).to contain_exactly([:emitted, [0, 1], false], [:value, [2, 3], [false, false], false])
        expect(thread_warnings).to be_empty
      end

      it "runs a consumer's block, and as many as wanted at once" do
        meeting = Array.new(2) { IO.pipe }
        numbers = meeting.map { |pipe| pipe.map(&:fileno) }
        job = job do
          producer(:source) { [[0, numbers], [1, numbers.reverse]].each { |item| emit item } }
          # Each waits for the other: one after the other they would wait for ever.
          Runs.within(self, kind) do |options|
            consumer(:work, options) do |(_, ((_, mine), (other, _)))|
              IO.for_fd(mine, autoclose: false).syswrite(".")
              raise "alone" unless IO.for_fd(other, autoclose: false).wait_readable(20)
            end
          end
        end
        job.run
        expect([job.report.failed, stats_of(job, :work).items_consumed]).to eq([0, 2])
        expect(thread_warnings).to be_empty
      ensure
        meeting.flatten.each(&:close)
      end

      it "keeps the order of emissions of one Ractor" do
        job = job_in(kind, 5, width: 1) { |n| 3.times { |i| emit [n, i] } }
        job.run
        expect(job.results).to eq(Array.new(5) { |n| Array.new(3) { |i| [n, i] } }.flatten(1))
      end

      it "carries any value both ways that can be copied" do
        values = Runs::AWKWARD.values
        job = job_in(kind, values, width: 1) { |value| emit [Ractor.current == Ractor.main, value] }
        job.run
        expect(job.results.map(&:last)).to eq(values).or(satisfy { |got| got.map(&:inspect) == values.map(&:inspect) })
        expect(job.results.map(&:first).uniq).to eq([false])
      end

      it "carries values larger than any buffer" do
        values = ["x" * 3_000_000, Array.new(20) { |n| n.to_s * 100_000 }]
        job = job_in(kind, values) { |value| emit [value] }
        job.run
        expect(job.results == values.zip || job.results == values.reverse.zip).to be(true)
      end

      it "counts an exception as this item's failure, with its own class, and goes on (contract 10.7)" do
        job = job_in(kind, 6) do |n|
          emit n
          raise KeyError, "three" if n == 3
        end
        job.run
        expect(job.results).to match_array((0..5).to_a)
        expect(only_failure(job).error).to be_a(KeyError).and have_attributes(message: "three", cause: nil)
        stats = stats_of(job, :work)
        expect([stats.items_consumed, stats.items_produced, stats.items_failed]).to eq([6, 6, 1])
        expect(stats.has_latency_data?).to be(true)
        expect(log_output).to include("item 3 failed: three (KeyError)")
      end

      it "ends the run with what is no StandardError (contract 10.7)" do
        job = job_in(kind, 6) { |n| raise NotImplementedError, "abstract" if n == 2 }
        expect { job.run }.to raise_error(NotImplementedError, "abstract")
        expect(Ractor.count).to eq(1)
      end

      it "counts an item whose block ends its thread as failed, and goes on" do
        job = job_in(kind, 4) { |n| n == 1 ? Thread.exit : emit(n) }
        job.run
        expect(job.results).to contain_exactly(0, 2, 3)
        expect(only_failure(job).error.message).to include("ended its thread")
      end

      it "lets threads of the block emit (contract 20)" do
        job = job_in(kind, 2) do |n|
          Array.new(3) { |i| Thread.new { emit [n, i] } }.each(&:join)
          emit Minigun.current.stage_name
        end
        job.run
        expect(job.results).to contain_exactly(*[0, 1].product([0, 1, 2]), :work, :work)
      end

      it "leaves no Ractor behind when a Timeout is thrown into the run (contract 10.8)" do
        begun = gate
        stub_const("BEGUN", begun.instance_variable_get(:@writer).fileno)
        job = job_in(kind, 4) do |_|
          IO.for_fd(BEGUN, autoclose: false).syswrite(".")
          loop { Math.sqrt(2) }
        end
        thread = Thread.new { job.run }
        thread.report_on_exception = false
        begun.wait
        expect(Ractor.count).to be > 1
        thread.raise(Timeout::Error, "enough")
        expect { thread.join(20) }.to raise_error(Timeout::Error, "enough")
        expect(Ractor.count).to eq(1)
      end

      it "can be followed by a run that forks, at once" do
        job_in(kind) { |n| emit n }.run
        forking = job do
          producer(:source) { 4.times { |n| emit n } }
          process_per_batch(max: 2) { processor(:work) { |n| emit [n, Process.pid] } }
          consumer(:sink) { |item| @results << item }
        end
        forking.run
        expect(forking.results.map(&:first)).to contain_exactly(0, 1, 2, 3)
        expect(forking.results.map(&:last)).not_to include(Process.pid)
      end
    end
  end

  it "tells a thread that emits after its block has returned (contract 20)" do
    job = job_in(:ractors, 2, width: 1) do |n|
      if n.zero?
        go = Ractor.current[:go] = Thread::Queue.new
        Ractor.current[:late] = Thread.new do
          go.pop
          emit :late
        rescue StandardError => e
          "#{e.class}: #{e.message}"
        end
      else
        Ractor.current[:go] << true
        emit Ractor.current[:late].value
      end
    end
    job.run
    expect(job.results).to eq(["Minigun::Error: emit called after the block of stage :work had returned"])
    expect(thread_warnings).to be_empty
  end

  it "uses one Ractor for each slot of a pool, and a fresh one for each item of ractor_per_batch" do
    ids = %i[ractors ractor_per_batch].to_h do |kind|
      job = job_in(kind, 6, width: 1) { |_| emit Ractor.current.object_id }
      job.run
      [kind, job.results.uniq.size]
    end
    expect(ids[:ractors]).to eq(1)
    expect(ids[:ractor_per_batch]).to be_between(2, 6)
  end

  it "stops a producer in a Ractor when the consumer stands still (contract 21.2)" do
    Tempfile.create("emitted") do |file|
      stub_const("EMITTED", file.path.freeze)
      seen = nil
      spec = self
      job = job do
        ractors(1) do
          producer(:source) do
            1_500.times do
              emit "x" * 8_192
              File.write(EMITTED, ".", mode: "a")
            end
          end
        end
        consumer(:sink) do |item|
          seen ||= spec.settled_size(file.path)
          @results << item.bytesize
        end
      end
      job.run
      expect(job.results.sum).to eq(1_500 * 8_192)
      # The inbox, the pipe, and what both sides have in hand.
      expect(seen).to be_between(1, Minigun::Flow::Node::CAPACITY + 16)
    end
  end

  it "stops a producer in a Ractor on a signal; what it has emitted is worked off (contract 13)" do
    result = run_script(<<~RUBY)
      require "minigun"
      Minigun.logger = Logger.new(File::NULL)
      class Endless
        include Minigun::DSL
        pipeline do
          ractors(1) { producer(:source) { loop { emit Ractor.current == Ractor.main } } }
          ractors(2) { processor(:work) { |main| emit [main, Ractor.current == Ractor.main] } }
          consumer :sink do |item|
            Process.kill(:TERM, Process.pid) if (@count = @count.to_i + 1) == 500
            @seen = item
          end
          after_run { puts @seen.inspect, Ractor.count }
        end
      end
      trap(:TERM) { exit 7 }
      Endless.new.run
    RUBY
    expect([result.stdout, result.stderr, result.status.exitstatus]).to eq(["[false, false]\n1\n", "", 7])
  end
end
