# frozen_string_literal: true

RSpec.describe "bad input (contract 4, 9, 10.7)" do
  # Runs a pipeline in which something is wrong; nothing may start.
  def failure_of(&block)
    started = []
    klass = job_class do
      pipeline do
        before_run { started << :hook }
        producer(:src) { started << :producer }
      end
      pipeline(&block)
    end
    klass.new.run
    nil
  rescue StandardError, ScriptError => e
    expect(started).to be_empty
    e
  end

  def expect_refused(error_class, message, &block)
    expect(failure_of(&block)).to be_a(error_class).and have_attributes(message: message)
  end

  describe "names" do
    it "an unknown stage in to: and from:" do
      expect_refused(Minigun::Error, /:sinc/) { processor(:work, to: :sinc) { |i| emit i } }
      expect_refused(Minigun::Error, /:sauce/) { processor(:work, from: :sauce) { |i| emit i } }
      expect_refused(Minigun::Error, /:nowhere/) { pipeline(:inner, to: :nowhere) { processor(:work) { |i| emit i } } }
    end

    it "an unknown stage in reroute_stage and in hooks, with the nearest known one" do
      expect_refused(Minigun::Error, /:gone/) { reroute_stage :src, to: :gone }
      expect_refused(Minigun::Error, /:srk.*Did you mean :src/) { before(:srk) { nil } }
      expect_refused(Minigun::Error, /:srk/) { after_fork(:srk) { nil } }
    end

    it "an unknown execution context, naming the nearest known one" do
      expect_refused(ArgumentError, /Unknown execution context: :worker.*Did you mean :workers/) do
        execution_context :workers, :threads, 2
        consumer(:sink, execution_context: :worker) { |i| i }
      end
    end

    it "an unknown context type" do
      expect_refused(ArgumentError, /Unknown context type: :thredas.*:pool.*Did you mean :threads/) do
        execution_context :pool, :thredas, 2
      end
    end

    it "no name, or one that is no name" do
      expect_refused(ArgumentError, /name must be a Symbol or String, got nil/) { consumer(nil) { |i| i } }
      expect_refused(ArgumentError, /name must be a Symbol or String, got 7/) { consumer(7) { |i| i } }
      expect_refused(ArgumentError, /name/) { pipeline { processor(:x) { |i| i } } }
      expect_refused(ArgumentError, /before/) { before(nil) { nil } }
    end

    it "an unknown word, as Ruby says it" do
      expect_refused(NoMethodError, /`?prozessor'?/) { prozessor(:x) { |i| i } }
    end

    it "words that belong into a pipeline block, in the class body (contract 3.1)" do
      %i[stage producer processor consumer accumulator].each do |word|
        expect do
          job_class do
            public_send(word, :x) do |i|
              i
            end
          end
        end.to raise_error(NoMethodError, /undefined method.*#{word}/)
      end
    end

    it "an unknown stage type, by hand (contract 6)" do
      expect { Minigun::Pipeline.new(:p).add_stage(:filter, :odd) { |i| i } }
        .to raise_error(Minigun::Error, /Unknown stage type: :filter.*:odd/)
    end
  end

  describe "circles" do
    it "of stages, of one stage, and through nested pipelines" do
      expect_refused(Minigun::Error, /Circular dependency.*:b.*:a/) do
        processor(:a, to: :b) { |i| emit i }
        processor(:b, to: :a) { |i| emit i }
      end
      expect_refused(Minigun::Error, /Circular dependency.*:self/) { processor(:self, to: :self) { |i| emit i } }
      expect_refused(Minigun::Error, /Circular dependency.*:y.*:x/) do
        pipeline(:inner) do
          processor(:x, to: :y) { |i| emit i }
          processor(:y, to: :x) { |i| emit i }
        end
      end
    end
  end

  describe "widths" do
    [0, -1, 1.5, "2", true, []].each do |bad|
      it "#{bad.inspect} of pools, batches and contexts" do
        shown = /#{Regexp.escape(bad.inspect)}/
        { threads: bad, processes: bad, ractors: bad }.each do |word, size|
          error = failure_of { public_send(word, size) { consumer(:sink) { |i| i } } }
          expect(error).to be_a(ArgumentError).and have_attributes(message: /#{word}.*#{shown}/)
        end
        %i[thread_per_batch process_per_batch ractor_per_batch].each do |word|
          error = failure_of { public_send(word, max: bad) { consumer(:sink) { |i| i } } }
          expect(error).to be_a(ArgumentError).and have_attributes(message: /#{word}.*#{shown}/)
        end
        expect_refused(ArgumentError, /batch.*#{shown}/) { batch bad }
        expect_refused(ArgumentError, /max_size of :group.*#{shown}/) { accumulator(:group, max_size: bad) }
        expect_refused(ArgumentError, /:pool.*#{shown}/) { execution_context :pool, :threads, bad }
        %i[max_threads max_processes].each do |word|
          expect { job_class { public_send(word, bad) } }.to raise_error(ArgumentError, /#{word}.*#{shown}/)
        end
      end
    end

    it "nil keeps its meaning (contract 4)" do
      job = run_job(rows: []) do
        pipeline do
          producer(:src) { 105.times { |i| emit i } }
          threads(nil) { processor(:a) { |i| emit i } }
          thread_per_batch(max: nil) { processor(:b) { |i| emit i } }
          batch nil
          process_per_batch(max: nil) { processor(:c) { |group| emit group.size } }
          processes(nil) { consumer(:d) { |size| @rows << size } }
        end
      end
      expect(job.rows.sort).to eq([5, 100])
    end

    it "a missing max:" do
      expect_refused(ArgumentError, /max/) { process_per_batch { consumer(:sink) { |i| i } } }
    end

    it "max_retries below zero" do
      expect { job_class { max_retries(-1) } }.to raise_error(ArgumentError, /max_retries.*-1/)
      expect(job_class { max_retries 0 }._minigun_task.config[:max_retries]).to eq(0)
    end
  end

  describe "blocks" do
    %i[stage producer processor consumer].each do |word|
      it "a missing one of #{word}" do
        expect_refused(ArgumentError, /#{word} :nothing.*block/) { public_send(word, :nothing) }
      end
    end

    it "a missing one of contexts, hooks and pipelines" do
      expect_refused(ArgumentError, /threads.*block/) { threads(2) }
      expect_refused(ArgumentError, /process_per_batch.*block/) { process_per_batch(max: 2) }
      expect_refused(ArgumentError, /before_run.*block/) { before_run }
      expect_refused(ArgumentError, /after.*:src.*block/) { after(:src) }
      expect_refused(ArgumentError, /:inner.*block/) { pipeline(:inner) }
      expect { job_class { pipeline } }.to raise_error(ArgumentError, /pipeline.*block/)
      expect { job_class { pipeline :named } }.to raise_error(ArgumentError, /:named.*block/)
    end

    it "an inline hook that is none" do
      expect_refused(ArgumentError, /before hook of stage :sink.*"no"/) { consumer(:sink, before: "no") { |i| i } }
    end
  end

  describe "options" do
    it "an unknown one is kept, and warned about once, naming the nearest known one (contract 4)" do
      klass = job_class(rows: []) do
        pipeline do
          producer(:src) { emit 1 }
          consumer(:sink, exekution_context: 3, note: "mine") { |i| @rows << i }
          consumer(:other, exekution_context: 4) { |i| @rows << i }
        end
      end
      2.times { klass.new.run }
      expect(klass._minigun_task.stages[:sink].options).to include(exekution_context: 3, note: "mine")
      expect(log_output.scan("exekution_context").size).to eq(1)
      expect(log_output).to match(/WARN.*:sink.*exekution_context.*execution_context\?/)
    end

    it "an unknown one of a context block" do
      expect_refused(ArgumentError, /threads.*:isolated.*Did you mean :isolate/) do
        threads(2, isolated: true) { consumer(:sink) { |i| i } }
      end
    end

    it "options that are no Hash, and ones that need a name" do
      expect_refused(ArgumentError, /options must be a Hash/) { consumer(:sink, :threads) { |i| i } }
      expect { job_class { pipeline(nil, to: :x) { nil } } }.to raise_error(ArgumentError, /name/)
    end

    it "leaves the caller's Hash as it was (contract 16, Q37)" do
      options = { to: :sink, before: -> {} }.freeze
      run_job do
        pipeline do
          producer(:src, options) { emit 1 }
          threads(2) { consumer(:sink) { |i| i } }
        end
      end
      expect(options.keys).to eq(%i[to before])
    end
  end

  describe "emit in the wrong place (contract 10.2, 20)" do
    it "outside of any block of a stage" do
      job = job_class.new
      expect { job.emit(1) }.to raise_error(Minigun::Error, /emit called outside a stage block/)
      expect { job.emit_to_stage(:x, 1) }.to raise_error(Minigun::Error, /emit_to_stage called outside/)
      expect_refused(Minigun::Error, /emit called in a pipeline block/) { emit 1 }
    end

    it "in run hooks: it comes out of run" do
      expect { run_job { pipeline { before_run { emit 1 } } } }.to raise_error(Minigun::Error, /outside a stage block/)
    end

    it "from a thread that outlives its block" do
      late = Thread::Queue.new
      gate = Thread::Queue.new
      job = run_job(rows: []) do
        pipeline do
          producer(:src) { emit 1 }
          processor :work do |i|
            emit i
            late << Thread.new { gate.pop && emit(:late) }
          end
          consumer(:sink) { |i| @rows << i }
        end
      end
      gate << :go
      thread = late.pop
      thread.report_on_exception = false
      expect { thread.value }.to raise_error(Minigun::Error, /:work had returned/)
      expect(job.rows).to eq([1])
    end

    it "to an unknown stage: logged, dropped, everything else continues (contract 10.2)" do
      [->(dsl, &stages) { stages.call(dsl) }, *Jobs.forking.values].each do |within|
        job = run_job(rows: []) do
          pipeline do
            producer(:src) { 3.times { |i| emit i } }
            within.call(self) do
              processor(:work) { |i| emit_to_stage(:sinkk, [:lost, i]) || emit(i) }
            end
            consumer(:sink) { |i| @rows << i }
          end
        end
        expect(job.rows.sort).to eq([0, 1, 2])
      end
      dropped = log_output.lines.grep(/ERROR.*:sinkk.*dropped/)
      expect(dropped.size).to eq(9)
      expect(dropped.grep(/Did you mean :sink\?/).size).to eq(3) # once a run
    end
  end
end
