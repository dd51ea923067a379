# frozen_string_literal: true

RSpec.describe "errors at run" do
  include Runs

  include_context "nothing is left"

  describe "of a producer" do
    Runs::KINDS.each do |kind|
      it "in #{kind}: a StandardError is logged, what was emitted is processed (contract 10.7)" do
        job = job do
          Runs.within(self, kind) do |options|
            producer(:bad, options) do
              2.times { |n| emit n }
              raise ArgumentError, "dried up"
            end
          end
          producer(:good) { 3.times { |n| emit 10 + n } }
          consumer(:sink) { |n| @results << n }
        end

        expect(job.run).to eq(5)
        expect(job.results.sort).to eq([0, 1, 10, 11, 12])
        expect(only_failure(job)).to have_attributes(stage: :bad, error: an_instance_of(ArgumentError))
        expect(log_output).to match(/ERROR.*\[Producer:bad\].*dried up.*ArgumentError/)
      end

      it "in #{kind}: NotImplementedError comes out of run with its class (contract 10.7)" do
        job = job do
          Runs.within(self, kind) { |options| producer(:abstract, options) { raise NotImplementedError, "write me" } }
          producer(:endless) { loop { emit 1 } }
          processes(2) { consumer(:sink) { |_| nil } }
        end

        expect { job.run }.to raise_error(NotImplementedError, "write me")
      end
    end

    it "comes out of run with its class when the child cannot send it whole (contract 10.7)" do
      job = job do
        process_per_batch(max: 1) do
          producer(:abstract) do
            error = NotImplementedError.new("write me")
            error.instance_variable_set(:@io, $stdout)
            raise error
          end
        end
        consumer(:sink) { |_| nil }
      end

      expect { job.run }.to raise_error(NotImplementedError, "write me")
    end

    it "comes out of run by name when its class is not known in the parent (contract 10.7)" do
      job = job do
        process_per_batch(max: 1) do
          producer(:abstract) { raise Class.new(NotImplementedError) { def self.name = "Abstract" }, "write me" }
        end
        consumer(:sink) { |_| nil }
      end

      expect { job.run }.to raise_error(Minigun::RemoteError, "write me") { |error|
        expect(error.class_name).to eq("Abstract")
      }
    end

    it "comes out of run even where nothing else has to be waited for (contract 10.7)" do
      50.times do
        job = job { producer(:abstract) { raise NotImplementedError } }

        expect { job.run }.to raise_error(NotImplementedError)
      end
    end

    it "that fails in a hook counts like one of the block (contract 10.7)" do
      %i[before after].each do |type|
        job = job do
          producer(:source) { emit 1 }
          public_send(type, :source) { raise "#{type} failed" }
          consumer(:sink) { |n| @results << n }
        end
        job.run

        expect(only_failure(job).error.message).to eq("#{type} failed")
        expect(job.results).to eq(type == :before ? [] : [1])
      end
    end

    [SecurityError, ScriptError, NoMemoryError, SystemExit, Interrupt].each do |error_class|
      it "lets #{error_class} out of run, too (contract 10.7)" do
        job = job do
          producer(:source) { raise error_class, "out" }
          consumer(:sink) { |_| nil }
        end

        expect { job.run }.to raise_error(error_class)
      end
    end
  end

  roles = {
    "a processor" => ->(dsl, options, block) { dsl.processor(:bad, options, &block) },
    "a terminal stage" => ->(dsl, options, block) { dsl.consumer(:bad, options.merge(from: :source), &block) },
    "an accumulator" => lambda do |dsl, options, block|
      dsl.accumulator(:bad, options.merge(max_size: 1)) { |(n)| instance_exec(n, &block) }
    end
  }

  Runs::KINDS.each do |kind|
    roles.each do |role, define|
      it "of #{role} in #{kind}: logged, counted, reported, the run goes on (contract 10.7)" do
        block = lambda do |n|
          raise KeyError, "not #{n}" if n == 2

          emit n
        end
        job = job do
          producer(:source, to: :bad) { [1, 2, 3].each { |n| emit n } }
          Runs.within(self, kind) { |options| define.call(self, options, proc { |n| instance_exec(n, &block) }) }
          consumer(:sink) { |n| @results << n }
        end

        expect(job.run).to eq(3)
        expect(job.results.sort).to eq([1, 3])
        expect(stats_of(job, :bad).items_failed).to eq(1)
        expect(only_failure(job)).to have_attributes(stage: :bad, count: 1, error: an_instance_of(KeyError))
        expect(only_failure(job).error.message).to eq("not 2")
        expect(only_failure(job).error.backtrace).to include(a_string_including(File.basename(__FILE__)))
        expect(log_output).to match(/ERROR.*\[Stage:bad\].*not 2 \(KeyError\)/)
      end
    end

    it "of one after another in #{kind} leave the rest of a thousand (contract 10.7)" do
      count = kind == :process_per_batch ? 12 : 1_000
      job = job do
        producer(:source) { count.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          processor(:picky, options) { |n| n.even? ? raise("even") : emit(n) }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq((0...count).select(&:odd?))
      expect(job.report.failed).to eq(count / 2)
      expect(stats_of(job, :picky)).to have_attributes(items_consumed: count, items_produced: count / 2)
    end

    it "keeps what was emitted before the error in #{kind} (reliability 6)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind) do |options|
          processor(:half, options) do |n|
            emit n
            raise "then not"
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results).to eq([1])
      expect(job.report.failed).to eq(1)
    end
  end

  describe "on the way home from a child" do
    # The failure of one item whose block runs in a child.
    def failure_of(kind = :process_per_batch, &block)
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) { |options| consumer(:bad, options, &block) }
      end
      job.run
      only_failure(job)
    end

    %i[processes process_per_batch].each do |kind|
      it "keep class, message and backtrace in #{kind} (design 4)" do
        error = failure_of(kind) { |_| Integer("no number") }.error

        expect(error).to be_an_instance_of(ArgumentError)
        expect(error.message).to include("no number")
        expect(error.backtrace.join).to include(__FILE__)
      end

      it "keep their causes in #{kind} (design 4)" do
        error = failure_of(kind) do |_|
          Integer("inner")
        rescue ArgumentError
          begin
            raise KeyError, "middle"
          rescue KeyError
            raise "outer"
          end
        end.error

        expect([error, error.cause, error.cause&.cause]).to match(
          [an_instance_of(RuntimeError), an_instance_of(KeyError), an_instance_of(ArgumentError)]
        )
        expect([error, error.cause].map(&:message)).to eq(%w[outer middle])
        expect(error.cause.cause.message).to include("inner")
      end

      it "arrive as text when they cannot be dumped, in #{kind} (design 4)" do
        error_class = Class.new(StandardError) { define_singleton_method(:name) { "Anonymous::Trouble" } }
        error = failure_of(kind) { |_| raise error_class, "in here" }.error

        expect(error).to be_a(Minigun::RemoteError)
        expect(error).to have_attributes(class_name: "Anonymous::Trouble", message: "in here")
        expect(error.backtrace.join).to include(__FILE__)
      end

      it "arrive when they hold what cannot be dumped, in #{kind} (design 4)" do
        error = failure_of(kind) do |_|
          raise(ArgumentError.new("holds a lock").tap { |e| e.instance_variable_set(:@lock, Thread::Mutex.new) })
        end.error

        expect(error.message).to include("holds a lock")
        expect([error.class.name, error.respond_to?(:class_name) ? error.class_name : nil]).to include("ArgumentError")
      end

      it "arrive with the front of a huge message, in #{kind} (design 4)" do
        error = failure_of(kind) { |_| raise "start #{"x" * 5_000_000}" }.error

        expect(error.message).to start_with("start xxx")
        expect(error.message.bytesize).to be < 100_000
      end

      it "arrive when their message cannot be had, in #{kind} (design 4)" do
        error_class = Class.new(StandardError) { def message = raise("no message") }
        error = failure_of(kind) { |_| raise error_class }.error

        expect(error.message).to include("message raised RuntimeError")
      end

      it "arrive with a message in any encoding, in #{kind} (design 4)" do
        error = failure_of(kind) { |_| raise "\xff\xfe zażółć".b }.error

        expect(error.message.b).to eq("\xff\xfe zażółć".b)
      end

      it "arrive when the stack was too deep, in #{kind} (reliability I17)" do
        deep = ->(n) { deep.call(n + 1) }
        error = failure_of(kind) { |_| deep.call(0) }.error

        expect([error.class.name, error.respond_to?(:class_name) && error.class_name]).to include("SystemStackError")
        expect(error.backtrace.size).to be < 1_000
      end

      it "arrive when they are no StandardErrors, in #{kind} (contract 10.4)" do
        error = failure_of(kind) { |_| raise NotImplementedError, "not here" }.error

        expect(error).to be_an_instance_of(NotImplementedError)
      end
    end
  end

  it "of a stage that are no StandardErrors come out of run in the parent (design 4)" do
    %i[inline threads thread_per_batch].each do |kind|
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind) { consumer(:bad) { |_| raise NotImplementedError, "not here" } }
      end

      expect { job.run }.to raise_error(NotImplementedError, "not here")
    end
  end

  it "of exit in a block come out of run in the parent (design 4)" do
    %i[inline threads thread_per_batch].each do |kind|
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind) { consumer(:bad) { |_| exit 3 } }
      end

      expect { job.run }.to raise_error(SystemExit) { |error| expect(error.status).to eq(3) }
    end
  end

  it "of throw, return and break count like others in the parent (contract 10.7)" do
    blocks = {
      throw: proc { |_| throw :nowhere }, return: proc { |_| return 1 }, break: proc { |_| break 1 }
    }
    blocks.each do |how, block|
      %i[inline threads thread_per_batch].each do |kind|
        job = job do
          producer(:source) { 2.times { |n| emit n } }
          Runs.within(self, kind) { consumer(:bad, &block) }
        end

        expect(job.run).to eq(2), "#{how} in #{kind}"
        expect(job.report.failed).to eq(2)
      end
    end
  end

  it "of Thread.exit cost the item, not the run (contract 10.7)" do
    %i[inline threads thread_per_batch].each do |kind|
      job = job do
        producer(:source) { 6.times { |n| emit n } }
        Runs.within(self, kind) { processor(:bad) { |n| n == 1 ? Thread.exit : emit(n) } }
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq([0, 2, 3, 4, 5])
      expect(only_failure(job)).to have_attributes(stage: :bad, count: 1)
    end
  end

  it "of Thread.exit in a producer do not stop the others (contract 10.7)" do
    job = job do
      producer(:leaver) do
        emit 1
        Thread.exit
      end
      producer(:other) { 3.times { |n| emit 10 + n } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq([1, 10, 11, 12])
  end

  it "that a stage raises too often are counted all, kept in detail the first thousand (contract 21.4)" do
    job = job do
      producer(:source) { 1_500.times { |n| emit n } }
      consumer(:bad) { |_| raise "no" }
    end
    job.run

    expect(job.report).to have_attributes(failed: 1_500, failures: have_attributes(size: 1_000))
    expect(job.report).not_to be_success
  end

  it "next skips an item without any, in every context (contract 10.2)" do
    Runs::KINDS.each do |kind|
      job = job do
        producer(:source) { 4.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          processor(:odd, options) do |n|
            next if n.even?

            emit n
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq([1, 3])
      expect(job.report).to be_success
    end
  end

  it "of the definition come out of run before anything starts (contract 10.7)" do
    started = []
    missing = job { producer(:source, to: :nowhere) { started << 1 } }
    cycle = job do
      producer(:source) { started << 1 }
      processor(:one, to: :two) { |n| emit n }
      processor(:two, to: :one) { |n| emit n }
    end
    context = job { consumer(:sink, execution_context: :nowhere) { |_| nil } }

    expect { missing.run }.to raise_error(Minigun::Error, /nowhere/)
    expect { cycle.run }.to raise_error(Minigun::Error, /Circular dependency/)
    expect { context.run }.to raise_error(ArgumentError, /Unknown execution context: :nowhere/)
    expect(started).to be_empty
  end

  it "of user threads in a block stay theirs (contract 20)" do
    job = job do
      producer(:source) { emit 1 }
      processor(:work) do |n|
        thread = Thread.new { raise "in a thread" }
        thread.report_on_exception = false
        emit n
        thread.join
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results).to eq([1])
    expect(only_failure(job).error.message).to eq("in a thread")
  end
end
