# frozen_string_literal: true

RSpec.describe "routing at run" do
  include Runs

  include_context "nothing is left"

  %i[inline threads processes process_per_batch].each do |kind|
    it "takes 100,000 items from one item in #{kind} (contract 10.1: none lost, none hangs)" do
      count = 100_000
      job = job(totals: Hash.new(0)) do
        producer(:source) { emit count }
        Runs.within(self, kind) { processor(:burst) { |n| n.times { |i| emit i } } }
        consumer(:sink) do |i|
          @totals[:count] += 1
          @totals[:sum] += i
        end
      end

      expect(job.run).to eq(1)
      expect(job.variable(:totals)).to eq(count: count, sum: count * (count - 1) / 2)
      expect(stats_of(job, :burst).items_produced).to eq(count)
    end
  end

  Runs::KINDS.each do |kind|
    it "takes one item through six slow stages in #{kind} (contract 10.1: none lost, none hangs)" do
      job = job do
        producer(:source) { emit [] }
        Runs.within(self, kind) do |options|
          (1..6).each do |number|
            processor(:"slow_#{number}", options) do |path|
              sleep 0.005
              emit path + [number]
            end
          end
        end
        consumer(:sink) { |path| @results << path }
      end
      job.run

      expect(job.results).to eq([[1, 2, 3, 4, 5, 6]])
    end

    it "lets a stage in #{kind} feed itself many times (contract 19.14)" do
      rounds = kind.start_with?("process_per") ? 10 : 2_000
      job = job do
        producer(:source) { emit 0 }
        Runs.within(self, kind) do |options|
          processor(:again, options) { |n| n < rounds ? emit_to_stage(:again, n + 1) : emit(n) }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results).to eq([rounds])
      expect(stats_of(job, :again).items_consumed).to eq(rounds + 1)
    end

    it "lets stages in #{kind} feed each other in a ring (contract 19.14)" do
      rounds = kind.start_with?("process_per") ? 5 : 300
      job = job do
        producer(:source) { 3.times { |n| emit [n, 0] } }
        Runs.within(self, kind) do |options|
          processor(:one, options) { |(n, turn)| emit_to_stage :two, [n, turn + 1] }
          processor(:two, options) { |(n, turn)| emit_to_stage :three, [n, turn + 1] }
          processor(:three, options) do |(n, turn)|
            turn < rounds ? emit_to_stage(:one, [n, turn + 1]) : emit([n, turn])
          end
        end
        consumer(:sink) { |n, turn| @results << [n, turn] }
      end
      job.run

      last = rounds + ((2 - rounds) % 3)
      expect(job.results).to contain_exactly([0, last], [1, last], [2, last])
    end
  end

  it "doubles itself without end of memory: a stage that feeds itself two items for one (contract 10.1)" do
    %i[inline threads processes].each do |kind|
      job = job do
        producer(:source) { emit 0 }
        Runs.within(self, kind) do
          processor(:split) { |depth| depth < 10 ? 2.times { emit_to_stage(:split, depth + 1) } : emit(1) }
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sum).to eq(1_024)
    end
  end

  it "feeds a stage far behind it with more than its inbox holds (contract 10.1)" do
    job = job do
      producer(:source) { 600.times { |n| emit n } }
      processor(:one) { |n| emit n }
      processor(:two) do |n|
        n < 10_000 ? emit_to_stage(:one, n + 10_000) : emit(n)
        emit_to_stage(:one, n + 20_000) if n < 10_000
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq((10_000...10_600).to_a + (20_000...20_600).to_a)
  end

  it "fans out to fifty stages (contract 9)" do
    names = Array.new(50) { |n| :"branch_#{n}" }
    job = job(seen: Hash.new(0)) do
      producer(:source, to: names) { 40.times { |n| emit n } }
      names.each { |name| processor(name, to: :sink) { |n| emit [name, n] } }
      consumer(:sink) { |name, n| @seen[name] += n }
    end

    expect(job.run).to eq(40)
    expect(job.variable(:seen)).to eq(names.to_h { |name| [name, 780] })
    expect(stats_of(job, :sink).items_consumed).to eq(2_000)
  end

  it "fans out to stages of every context at once (contract 9, 20)" do
    job = job(seen: Hash.new(0)) do
      producer(:source, to: Runs::KINDS) { 6.times { |n| emit n } }
      Runs::KINDS.each do |kind|
        Runs.within(self, kind) { |options| processor(kind, options.merge(to: :sink)) { |n| emit [kind, n] } }
      end
      consumer(:sink) { |kind, n| @seen[kind] += n }
    end
    job.run

    expect(job.variable(:seen)).to eq(Runs::KINDS.to_h { |kind| [kind, 15] })
  end

  {
    "inline" => %i[inline] * 5, "threads" => %i[threads] * 5, "processes" => %i[processes] * 5,
    "mixed contexts" => %i[processes threads inline processes thread_per_batch]
  }.each do |title, kinds|
    it "takes 1,000 items through five emitting stages in #{title} (contract 10.1: none lost)" do
      job = job do
        producer(:source) { 1_000.times { |n| emit n } }
        kinds.each_with_index do |kind, index|
          Runs.within(self, kind) { processor(:"stage_#{index}") { |n| emit n + 1 } }
        end
        consumer(:sink) { |n| @results << n }
      end

      expect(job.run).to eq(1_000)
      expect(job.results.sort).to eq((5...1_005).to_a)
      kinds.each_index do |index|
        expect(stats_of(job, :"stage_#{index}")).to have_attributes(items_consumed: 1_000, items_produced: 1_000)
      end
    end
  end

  it "takes ten items through five stages of process_per_batch (contract 10.1: none lost)" do
    job = job do
      producer(:source) { 10.times { |n| emit n } }
      process_per_batch(max: 2) { 5.times { |i| processor(:"stage_#{i}") { |n| emit n + 1 } } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq((5...15).to_a)
  end

  it "ends when nothing is produced at all (contract 10.9)" do
    Runs::KINDS.each do |kind|
      job = job do
        producer(:source) { nil }
        Runs.within(self, kind) { |options| processor(:idle, options) { |n| emit n } }
        batch 3
        consumer(:sink) { |n| @results << n }
      end

      expect(job.run).to eq(0)
      expect(job.results).to be_empty
    end
  end

  it "repeats: a hundred short runs, none hangs (contract 10.1)" do
    job = job do
      producer(:source) { 5.times { |n| emit n } }
      threads(3) { processor(:one) { |n| emit n } }
      batch 2
      consumer(:sink) { |list| @results.concat(list) }
    end
    100.times { job.run }

    expect(job.results.tally).to eq((0..4).to_h { |n| [n, 100] })
  end

  describe "of pipelines in pipelines" do
    it "feeds an inner pipeline and what follows it (contract 10.6)" do
      Runs::KINDS.each do |kind|
        job = job do
          producer(:source) { 6.times { |n| emit n } }
          pipeline :inner do
            Runs.within(self, kind) { |options| processor(:double, options) { |n| emit n * 2 } }
            processor(:add) { |n| emit n + 1 }
          end
          consumer(:sink) { |n| @results << n }
        end
        job.run

        expect(job.results.sort).to eq([1, 3, 5, 7, 9, 11])
      end
    end

    it "runs named producer pipelines at once and routes what they emit (contract 10.6)" do
      meeting = rendezvous(2)
      klass = class_of_jobs { consumer(:sink, from: %i[one two]) { |n| @results << n } }
      klass.pipeline(:one, to: :sink) do
        producer(:source) do
          meeting.meet
          3.times { |n| emit n }
        end
        processor(:double) { |n| emit n * 2 }
      end
      klass.pipeline(:two, to: :sink) do
        producer(:source) do
          meeting.meet
          emit 100
        end
      end
      job = klass.new

      expect(job.run).to eq(4)
      expect(job.results.sort).to eq([0, 2, 4, 100])
      expect(stats_of(job, :one).items_produced).to eq(3)
    end

    it "keeps named pipelines without to: and from: apart (contract 3.3)" do
      klass = class_of_jobs(seen: Hash.new(0)) { nil }
      %i[one two].each_with_index do |name, index|
        klass.pipeline(name) do
          producer(:source) { 5.times { emit index } }
          consumer(:sink) { |n| @seen[[name, n]] += 1 }
        end
      end
      job = klass.new
      job.run

      expect(job.variable(:seen)).to eq([:one, 0] => 5, [:two, 1] => 5)
    end

    it "nests to any depth, contexts and batches inside (contract 10.6)" do
      job = job do
        producer(:source) { 10.times { |n| emit n } }
        pipeline :one do
          processor(:a) { |n| emit n + 1 }
          pipeline :two do
            batch 4
            pipeline :three do
              process_per_batch(max: 2) { processor(:b) { |list| emit(list.map { |n| n * 10 }) } }
            end
          end
        end
        consumer(:sink) { |list| @results << list }
      end
      job.run

      expect(job.results.map(&:size).sort).to eq([2, 4, 4])
      expect(job.results.flatten.sort).to eq((1..10).map { |n| n * 10 })
    end

    it "reaches root stages by emit_to_stage from inside, in every context (contract 10.2)" do
      Runs::KINDS.each do |kind|
        job = job do
          producer(:source) { 3.times { |n| emit n } }
          pipeline :inner do
            Runs.within(self, kind) { |options| processor(:a, options) { |n| emit_to_stage :far, n } }
          end
          consumer(:near) { |n| @results << [:near, n] }
          consumer(:far) { |n| @results << [:far, n] }
        end
        job.run

        expect(job.results).to contain_exactly([:far, 0], [:far, 1], [:far, 2])
      end
    end

    it "delivers every item to each of several pipelines (contract 10.6)" do
      klass = class_of_jobs { producer(:source, to: %i[one two]) { 5.times { |n| emit n } } }
      %i[one two].each { |name| klass.pipeline(name) { consumer(:sink) { |n| @results << [name, n] } } }
      job = klass.new
      job.run

      expect(job.results).to match_array(%i[one two].product((0..4).to_a))
    end
  end

  describe "of two runs" do
    it "keeps two instances that run at once apart (issue: the DSL)" do
      klass = class_of_jobs do
        producer(:source) { 200.times { |n| emit @base + n } }
        processes(2) { processor(:double) { |n| emit n * 2 } }
        batch 7
        threads(2) { consumer(:sink) { |list| list.each { |n| @results << n } } }
      end
      klass.class_eval do
        def initialize(base)
          @base = base
          @results = []
        end
      end
      jobs = [0, 10_000, 20_000].map { |base| klass.new(base) }
      threads = jobs.map { |job| Thread.new { job.run } }

      expect(threads.map(&:value)).to eq([200, 200, 200])
      jobs.zip([0, 10_000, 20_000]) do |job, base|
        expect(job.results.sort).to eq(Array.new(200) { |n| (base + n) * 2 })
      end
    end

    it "starts afresh with every run of one instance (contract 3.4)" do
      job = job do
        producer(:source) { 5.times { |n| emit n } }
        batch 3
        process_per_batch(max: 1) { consumer(:sink) { |list| @results << list } }
      end

      expect([job.run, job.run]).to eq([5, 5])
      expect(job.results).to contain_exactly([0, 1, 2], [0, 1, 2], [3, 4], [3, 4])
      expect(stats_of(job, :sink).items_consumed).to eq(2)
    end

    Runs::KINDS.each do |kind|
      it "runs another job inside a block in #{kind} (contract 19: a run inside a child)" do
        inner = class_of_jobs do
          producer(:source) { 4.times { |n| emit n } }
          processes(2) { processor(:square) { |n| emit n * n } }
          consumer(:sink) { |n| @results << n }
        end
        job = job do
          producer(:source) { 3.times { |n| emit n } }
          Runs.within(self, kind) do |options|
            processor(:nest, options) do |n|
              nested = inner.new
              nested.run
              emit [n, nested.results.sum]
            end
          end
          consumer(:sink) { |item| @results << item }
        end
        job.run

        expect(job.results).to contain_exactly([0, 14], [1, 14], [2, 14])
      end
    end
  end
end
