# frozen_string_literal: true

RSpec.describe "batches by their rules (issue 6, 1)" do
  include Runs

  include_context "nothing is left"

  def expect_balance(job, stage, accepted:, failed: 0)
    expect(job.report.stages[stage]).to include(accepted: accepted, processed: accepted - failed, failed: failed,
                                                abandoned: 0)
  end

  Runs::KINDS.each do |kind|
    (Runs::FORKED.include?(kind) ? 1 : 3).times do |round|
      it "hold, all of them together, for a block in #{kind} (round #{round})" do
        random = Random.new((RSpec.configuration.seed * 1_000) + round)
        model = BatchModel.sample(random)
        items = BatchModel.items(random, 20)
        job = job do
          producer(:source) { items.each { |item| emit item } }
          Runs.within(self, kind) do |options|
            accumulator(:pack, options.merge(model.stage_options, max_wait: 600)) { |list| list }
          end
          consumer(:sink) { |list| @results << list }
        end
        job.run

        expect(job.results.sort).to eq(model.dup.call(items).sort), model.inspect
        expect_balance(job, :pack, accepted: 20)
      end

      it "hold in front of a stage in #{kind} (round #{round})" do
        random = Random.new((RSpec.configuration.seed * 2_000) + round)
        model = BatchModel.sample(random)
        items = BatchModel.items(random, 20)
        job = job do
          producer(:source) { items.each { |item| emit item } }
          batch model.stage_options
          Runs.within(self, kind) { |options| consumer(:sink, options) { |list| @results << list } }
        end
        job.run

        expect(job.results.sort).to eq(model.dup.call(items).sort), model.inspect
        expect_balance(job, :_batch_0, accepted: 20)
      end
    end

    it "are left out by items whose block raises in #{kind}" do
      number = ->(text) { Integer(text) }
      { by: ->(text) { Integer(text) % 2 }, uniq: number, bytes_of: number }.each do |option, block|
        job = job do
          producer(:source) { %w[1 2 x 3 y].each { |item| emit item } }
          Runs.within(self, kind) do |options|
            accumulator(:pack, options.merge(max_size: 9, max_bytes: 99, option => block)) { |list| list }
          end
          consumer(:sink) { |list| @results << list }
        end
        job.run

        expect(job.results.flatten.sort).to eq(%w[1 2 3])
        expect(job.report.failures.map { |failure| [failure.stage, failure.item, failure.count] })
          .to eq([[:pack, "\"x\"", 1], [:pack, "\"y\"", 1]])
        expect_balance(job, :pack, accepted: 5, failed: 2)
      end
    end

    it "have outcomes of their own when one item sends two on their way in #{kind}" do
      %w[aaa bbbbbb].each do |bad|
        job = job do
          producer(:source) { %w[aaa bbbbbb c].each { |item| emit item } }
          Runs.within(self, kind) do |options|
            accumulator(:pack, options.merge(max_bytes: 5)) { |list| list.include?(bad) ? raise("no") : list }
          end
          consumer(:sink) { |list| @results << list }
        end
        job.run

        expect(job.results.sort).to eq([%w[aaa], %w[bbbbbb], %w[c]] - [[bad]])
        expect_balance(job, :pack, accepted: 3, failed: 1)
      end
    end
  end

  Runs::SORTS.each do |kind|
    it "leave after max_wait though nothing more comes, in #{kind}" do
      arrived = Array.new(3) { gate }
      job = job do
        producer :source do
          arrived.each_with_index do |gate, round|
            emit round
            emit round + 100
            gate.wait
          end
        end
        Runs.within(self, kind) do |options|
          accumulator(:pack, options.merge(max_size: 50, max_wait: 0.05)) { |list| list }
        end
        consumer :sink do |list|
          @results.concat(list)
          list.map { |n| n % 100 }.uniq.each { |round| arrived[round].open if ([round, round + 100] - @results).empty? }
        end
      end
      job.run

      expect(job.results.sort).to eq([0, 1, 2, 100, 101, 102])
      expect(job.report).to be_success
    end

    it "leave one after another, each when its own time has come, in #{kind}" do
      arrived = Hash.new { |gates, key| gates[key] = gate }
      %i[a b c].each { |key| arrived[key] }
      job = job do
        producer :source do
          emit :a
          emit :b
          emit :c
          arrived.each_value(&:wait)
        end
        Runs.within(self, kind) do |options|
          accumulator(:pack, options.merge(by: :itself, max_size: 50, max_wait: 0.05)) { |list| list }
        end
        consumer(:sink) { |list| (@results << list) && arrived[list.first].open }
      end
      job.run

      expect(job.results.sort).to eq([[:a], [:b], [:c]])
    end

    it "leave at the end, long before max_wait, in #{kind}" do
      job = job do
        producer(:source) { 5.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          accumulator(:pack, options.merge(by: :odd?, max_size: 50, max_wait: 600)) { |list| list }
        end
        consumer(:sink) { |list| @results << list }
      end
      job.run

      expect(job.results.sort).to eq([[0, 2, 4], [1, 3]])
    end

    it "leave when a signal ends the run in order, in #{kind}" do
      result = run_script(File.join(Processes::ROOT, "spec/scripts/signal_batches.rb"), "TERM", kind.to_s)

      expect([result.timed_out, result.stderr, result.status.termsig]).to eq([false, "", 15])
      expect(JSON.parse(result.stdout.lines.last, symbolize_names: true))
        .to include(packed: [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]], children: 0)
    end
  end

  it "wait in many stages at once" do
    done = gate
    job = job do
      producer(:source) { (emit :a) && done.wait }
      20.times { batch 2, max_wait: 0.01 }
      consumer(:sink) { |list| (@results << list) && done.open }
    end
    job.run

    expect(job.results.flatten).to eq([:a])
  end

  it "are worked on again as a whole where there are retries" do
    Runs::SORTS.each do |kind|
      job = job do
        producer(:source) { 6.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          accumulator(:pack, options.merge(by: :odd?, max_size: 3, retries: 1)) do |list|
            attempt == 1 ? raise("once") : list
          end
        end
        consumer(:sink) { |list| @results << list }
      end
      job.run

      expect(job.results.sort).to eq([[0, 2, 4], [1, 3, 5]])
      expect(job.report.retried).to eq(2)
      expect_balance(job, :pack, accepted: 6)
    end
  end

  it "keep what a hook does not let pass out, and count each item once" do
    { before: [[0, 1], [3, 4]], after: [[0, 1], [3, 4]] }.each do |hook, expected|
      job = job do
        producer(:source) { 5.times { |n| emit n } }
        accumulator(:pack, max_size: 2)
        public_send(hook, :pack) { raise "no" if (@calls = @calls.to_i + 1) == 3 }

        consumer(:sink) { |list| @results << list }
      end
      job.run

      expect(job.results).to eq(expected)
      expect_balance(job, :pack, accepted: 5, failed: 1)
    end
  end

  it "count one item as failed when the hook after it fails and its batch has gone on" do
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      accumulator(:pack, max_size: 2)
      after(:pack) { raise "no" if (@calls = @calls.to_i + 1) == 2 }

      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results).to eq([[0, 1], [2, 3]])
    expect(only_failure(job)).to have_attributes(item: "1", count: 1, delivered: 1)
    expect_balance(job, :pack, accepted: 4, failed: 1)
  end

  it "go on with what waits to leave when a block ends its thread" do
    job = job do
      producer(:source) { %w[aaa bbbbbb c].each { |item| emit item } }
      accumulator(:pack, max_bytes: 5) { |list| list == %w[aaa] ? Thread.exit : list }
      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results.sort).to eq([%w[bbbbbb], %w[c]])
    expect_balance(job, :pack, accepted: 3, failed: 1)
  end

  it "count dropped items as processed, also where a hook fails for one" do
    job = job do
      producer(:source) { [1, 1, 2, 1].each { |n| emit n } }
      accumulator(:pack, max_size: 9, uniq: true)
      after(:pack) { raise "no" if (@calls = @calls.to_i + 1) == 4 }

      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results).to eq([[1, 2]])
    expect_balance(job, :pack, accepted: 4, failed: 1)
  end

  it "may hold again what has left with an earlier one" do
    job = job do
      producer(:source) { [1, 1, 2, 1, 2].each { |n| emit n } }
      batch 2, uniq: true
      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results).to eq([[1, 2], [1, 2]])
  end

  describe "debatch" do
    it "takes batches apart, for other batches" do
      job = job do
        producer(:source) { 10.times { |n| emit n } }
        batch 4, by: :odd?
        debatch
        batch 3
        debatch to: :sink
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq((0..9).to_a)
      names = job.report.stages.keys
      expect(names.map(&:to_s)).to eq(%w[source _batch_0 _debatch_0 _batch_1 _debatch_1 sink])
      expect(job.report.stages[names[2]]).to include(consumed: 4, produced: 10)
    end

    it "runs in the parent inside a context, unless it is told to" do
      job = job do
        producer(:source) { emit [1, [2], nil] }
        process_per_batch(max: 1) { debatch }
        execution_context :pool, :processes, 1
        processor(:pair) { |item| emit [item, item] }
        debatch execution_context: :pool
        consumer(:sink) { |item| @results << item }
        before_fork { @forks = @forks.to_i + 1 }
      end
      job.run

      expect(job.results).to eq([1, 1, [2], [2], nil, nil])
      expect(job.variable(:forks)).to eq(1)
    end

    it "fails for what is no Array" do
      job = job do
        producer(:source) { [[1], { a: 1 }, [2]].each { |item| emit item } }
        debatch
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results).to eq([1, 2])
      expect(only_failure(job).stage.to_s).to eq("_debatch_0")
      expect(only_failure(job).error).to be_a(TypeError).and have_attributes(message: /Arrays.*:?a.*1.*Hash/)
    end
  end

  describe "the class's sizes (contract 5)" do
    def sizes(*words, &definition)
      klass = class_of_jobs(&definition)
      words.each { |word, count| klass.public_send(word, count) }
      job = klass.new
      job.run
      job.results.map(&:size)
    end

    it "are those of batches that are given none" do
      expect(sizes([:accumulator_max_single, 4]) do
        producer(:source) { 10.times { |n| emit n } }
        accumulator
        consumer(:sink) { |list| @results << list }
      end).to eq([4, 4, 2])
    end

    it "hold in nested pipelines, and not for subclasses that say otherwise" do
      klass = class_of_jobs do
        producer(:source) { 10.times { |n| emit n } }
        pipeline(:inner) { batch }
        consumer(:sink) { |list| @results << list.size }
      end
      klass.accumulator_max_single(4)
      below = Class.new(klass) { accumulator_max_single 7 }

      expect([klass, below].map { |each| each.new.tap(&:run).results }).to eq([[4, 4, 2], [7, 3]])
    end

    it "bound all open batches together" do
      expect(sizes([:accumulator_max_single, 3], [:accumulator_max_all, 4]) do
        producer(:source) { 10.times { |n| emit n } }
        batch by: :itself
        consumer(:sink) { |list| @results << list }
      end).to eq([1] * 10)
    end

    it "leave batches of other sizes alone" do
      expect(sizes do
        producer(:source) { 9_000.times { |n| emit n } }
        batch 4_500
        consumer(:sink) { |list| @results << list }
      end).to eq([4_500, 4_500])
    end

    it "are positive Integers" do
      [0, -1, "5", nil, 1.5].each do |bad|
        %i[accumulator_max_single accumulator_max_all].each do |word|
          expect { job_class.public_send(word, bad) }
            .to raise_error(ArgumentError, /#{word}.*#{Regexp.escape(bad.inspect)}/)
        end
      end
    end
  end

  describe "options without a meaning" do
    {
      max_bytes: [0, -1, 1.5, "9"], max_total: [0, true], max_size: [0], by: [true, "name", 1, []], uniq: ["id", 1],
      bytes_of: [5, "size"], max_wait: [-1, "1", Float::NAN, Float::INFINITY, Complex(1, 1)]
    }.each do |option, values|
      values.each do |bad|
        it "raise as soon as the stage is defined: #{option}: #{bad.inspect}" do
          shown = Regexp.escape(bad.inspect)
          [[:pile, ->(dsl, options) { dsl.accumulator(:pile, options) }],
           [:_batch_0, ->(dsl, options) { dsl.batch(5, options) }]].each do |name, definition|
            given = { option => bad }
            given[:max_bytes] ||= 5 if option == :bytes_of
            job = job { definition.call(self, given) }
            expect { job.run }.to raise_error(ArgumentError, /#{option} of #{name.inspect}.*#{shown}/)
          end
        end
      end
    end

    it "raise when bytes are told and nobody counts them" do
      job = job { batch 5, bytes_of: :size }
      expect { job.run }.to raise_error(ArgumentError, /bytes_of of :_batch_0.*max_bytes/)
    end

    it "are warned about where the stage is no accumulator" do
      job = job do
        producer(:source, max_total: 5) { emit 1 }
        consumer(:sink, bytes_of: 3) { |_| nil }
      end
      job.run

      expect(log_output).to match(/:source.*max_total.*accumulators/).and match(/:sink.*bytes_of.*accumulators/)
    end
  end
end
