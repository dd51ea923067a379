# frozen_string_literal: true

RSpec.describe "partition, round_robin, broadcast (issue 6, 6)" do
  include Runs

  include_context "nothing is left"

  # Where a block runs: one thread of one process.
  def place = [Process.pid, Thread.current.object_id]

  wide = Runs::KINDS - %i[inline]
  # Those whose slots stay what they are.
  lasting = %i[threads processes named_threads named_processes]

  wide.each do |kind|
    it "keep the items of one key in order in #{kind}" do
      keys = 5
      count = kind == :process_per_batch ? 20 : 200
      job = job do
        producer :source, from: 0...count
        partition by: ->(n) { n % keys }
        Runs.within(self, kind, 3) { |options| processor(:work, options) { |n| emit n } }
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq((0...count).to_a)
      job.results.group_by { |n| n % keys }.each_value { |list| expect(list).to eq(list.sort) }
      expect(job.report).to be_success
    end
  end

  lasting.each do |kind|
    it "keep a key in one slot, and use all slots, in #{kind}" do
      place = method(:place)
      job = job do
        producer :source, from: (0...300).map { |n| [n % 9, n] }
        partition by: :first
        Runs.within(self, kind, 3) { |options| processor(:work, options) { |key, _| emit [key, place.call] } }
        consumer(:sink) { |pair| @results << pair }
      end
      job.run

      places = job.results.group_by(&:first).transform_values { |list| list.map(&:last).uniq }
      expect(places.values.map(&:size)).to all(eq(1))
      expect(places.values.flatten(1).uniq.size).to be_between(2, 3)
    end

    it "give in turn to each slot in #{kind}" do
      place = method(:place)
      job = job do
        producer :source, from: 0...90
        round_robin
        Runs.within(self, kind, 3) { |options| processor(:work, options) { |n| emit [n, place.call] } }
        consumer(:sink) { |pair| @results << pair }
      end
      job.run

      places = job.results.group_by { |n, _| n % 3 }.transform_values { |list| list.map(&:last).uniq }
      expect(places.values.map(&:size)).to eq([1, 1, 1])
      expect(places.values.uniq.size).to eq(3)
    end

    it "give to all slots in #{kind}" do
      place = method(:place)
      job = job do
        producer :source, from: 1..10
        broadcast
        Runs.within(self, kind, 3) { |options| processor(:work, options) { |n| emit [n, place.call] } }
        consumer(:sink) { |pair| @results << pair }
      end
      job.run

      expect(job.results.group_by(&:last).values.map { |list| list.map(&:first) }).to eq([(1..10).to_a] * 3)
      expect(job.report.stages[:work]).to include(consumed: 30, accepted: 30, processed: 30)
    end
  end

  describe "with several stages behind them" do
    def job_of(router, **options)
      job do
        producer :source, from: 0...60
        public_send(router, { to: %i[a b c] }.merge(options))
        threads(2) { consumer(:a) { |n| @results << [:a, n] } }
        processes(2) { processor(:b, to: :sink) { |n| emit [:b, n] } }
        consumer(:c) { |n| @results << [:c, n] }
        consumer(:sink) { |pair| @results << pair }
      end
    end

    it "give all items of a key to one" do
      job = job_of(:partition, by: ->(n) { n % 10 })
      job.run

      expect(job.results.map(&:last).sort).to eq((0...60).to_a)
      stages = job.results.group_by { |_, n| n % 10 }.transform_values { |list| list.map(&:first).uniq }
      expect(stages.values.map(&:size)).to all(eq(1))
    end

    it "give to each in turn" do
      job = job_of(:round_robin)
      job.run

      found = job.results.group_by(&:first).transform_values { |list| list.map(&:last).sort }
      expect(found).to eq(a: (0...60).step(3).to_a, b: (1...60).step(3).to_a, c: (2...60).step(3).to_a)
    end

    it "give to all" do
      job = job_of(:broadcast)
      job.run

      expect(job.results.sort).to eq(%i[a b c].product((0...60).to_a))
    end
  end

  it "reach a stage inside a pipeline, also from one" do
    job = job do
      pipeline :intake, to: :work do
        producer :source, from: 0...90
        partition by: ->(n) { n % 4 }
      end
      pipeline(:work, to: :sink) { processes(3) { processor(:inner) { |n| emit [n, Process.pid] } } }
      pipeline(:sink) { consumer(:last) { |pair| @results << pair } }
    end
    job.run

    expect(job.results.size).to eq(90)
    job.results.group_by { |n, _| n % 4 }.each_value do |list|
      expect(list.map(&:last).uniq.size).to eq(1)
      expect(list).to eq(list.sort)
    end
  end

  it "let others reach the stage past them" do
    job = job do
      producer :source, from: 0...40, to: %i[keyed]
      producer :beside, from: 40...80, to: %i[work]
      partition by: :itself, to: :work, from: :keyed
      processor(:keyed) { |n| n.even? ? emit(n) : emit_to_stage(:work, n) }
      threads(3) { processor(:work) { |n| emit n } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq((0...80).to_a)
    expect(job.report).to be_success
  end

  it "hold back who is faster than the slot of a key" do
    job = job do
      producer :source, from: 0...2_000
      partition by: ->(_) { :one }
      threads(2) { processor(:work) { |n| emit n } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results).to eq((0...2_000).to_a)
  end

  it "lose one item when the block raises" do
    job = job do
      producer :source, from: 0...9
      partition by: ->(n) { n == 4 ? raise("no key") : n }
      threads(2) { consumer(:sink) { |n| @results << n } }
    end
    job.run

    expect(job.results.sort).to eq([0, 1, 2, 3, 5, 6, 7, 8])
    expect(only_failure(job)).to have_attributes(item: "4", count: 1)
  end

  it "stand in front of batches, and behind them" do
    job = job do
      producer :source, from: 0...50
      batch 5, by: :odd?
      partition by: ->(list) { list.first.odd? }
      processes(2) { processor(:work) { |list| emit [list, Process.pid] } }
      consumer(:sink) { |pair| @results << pair }
    end
    job.run

    expect(job.results.map(&:first).flatten.sort).to eq((0...50).to_a)
    expect(job.results.group_by { |list, _| list.first.odd? }.values.map { |group| group.map(&:last).uniq.size })
      .to eq([1, 1])
  end

  it "work without anything behind them" do
    %i[broadcast round_robin].each do |router|
      job = job do
        producer :source, from: 0...5
        public_send(router)
      end
      expect(job.run).to eq(5)
      expect(job.report).to be_success
    end
  end

  it "retry and run hooks as without a router" do
    job = job do
      producer :source, from: 0...12
      partition by: ->(n) { n % 3 }
      processes(2, retries: 1) { processor(:work) { |n| attempt == 1 && n == 5 ? exit!(1) : emit(n) } }
      after_fork(:work) { @results << :forked }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    numbers = job.results.grep(Integer)
    expect(numbers.sort).to eq((0...12).to_a)
    numbers.group_by { |n| n % 3 }.each_value { |list| expect(list).to eq(list.sort) }
    expect(job.report.retried).to eq(1)
  end

  it "refuse a partition without a key" do
    [nil, 5, "name", true].each do |bad|
      expect { job { partition by: bad }.run }.to raise_error(ArgumentError, /partition.*by.*#{bad.inspect}/)
    end
    expect { job { partition }.run }.to raise_error(ArgumentError, /partition.*by/)
  end
end
