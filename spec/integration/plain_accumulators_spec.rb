# frozen_string_literal: true

# Where nothing but the number of items counts they are gathered in C. What else may have a say, however
# little, leads the other way; both must come to the same.
RSpec.describe "accumulators with and without anything that has a say in each item" do
  include Runs

  include_context "nothing is left"

  # @param way [Symbol] `:plain`, or what is to have a say without making a difference
  # @param dsl [Object] gets the accumulator `pack`
  def pack(way, dsl, options, &block)
    rules = { time: { max_wait: 3600 }, key: { by: ->(_) { 1 } } }.fetch(way, {})
    dsl.accumulator(:pack, { **options, **rules }, &block)
    dsl.after(:pack) { @hooks = @hooks.to_i + 1 } if way == :hooks
    dsl.checkpoint(every: 10) { |cursor| @cursor = cursor } if way == :checkpoints
  end

  # What there is to compare.
  def outcome_of(job)
    job.run
    report = job.report
    failures = report.failures.map { |failure| [failure.stage, failure.count, failure.error.message] }
    latencies = stats_of(job, :pack).instance_variable_get(:@latency_count)
    { results: job.results, accounts: report.stages, failures: failures, latencies: latencies,
      counts: stats_of(job, :pack).then { |stats| [stats.items_consumed, stats.items_produced, stats.items_failed] } }
  end

  # @param block [Proc, nil] the accumulator's
  def gathering(way, items:, size:, kind: :inline, &block)
    pack = method(:pack)
    job do
      producer(:source) { items.times { |n| emit n } }
      Runs.within(self, kind, 1) { |options| pack.call(way, self, { max_size: size, **options }, &block) }
      consumer(:sink) { |batch| @results << batch }
    end
  end

  # Ends the other thread of that stage when it waits for room.
  def end_the_gatherer(own)
    gatherer = Thread.list.find { |one| one.name == "minigun:pack" && !one.equal?(own) }
    eventually(10, "no batch waits for room") do
      gatherer.status == "sleep" && gatherer.backtrace.join.match?(/hand_over|release/)
    end
    gatherer.kill.join
  end

  # @return [Hash] the outcome of both
  def outcome_of_both(way, one_lost: false)
    both = [:plain, way].map { |one| outcome_of(yield(one)) }
    # Which one waits for room depends on how much there is: an inbox grows where items take no time.
    both.each { |one| one[:results] = [one[:results].size, one[:results] == one[:results].sort] } if one_lost
    expect(both.first).to eq(both.last)
    both.first
  end

  %i[hooks time key checkpoints].each do |way|
    it "gather the same with #{way} (contract 7.3)" do
      [[0, 3], [1, 1], [9, 3], [10, 3], [5, 100], [600, 1], [1003, 50]].each do |items, size|
        outcome = outcome_of_both(way) { |one| gathering(one, items: items, size: size) }
        expect(outcome[:results]).to eq([*0...items].each_slice(size).to_a)
      end
    end

    Runs::SORTS.each do |kind|
      it "have the same outcomes with #{way}, of blocks that fail or end their thread in #{kind} (reliability P1)" do
        block = proc do |batch|
          raise "no" if batch.include?(6)
          next Thread.exit if batch.include?(12)

          batch.include?(20) ? batch.each { |n| emit n } : batch.sum
        end
        outcome = outcome_of_both(way) { |one| gathering(one, items: 50, size: 4, kind: kind, &block) }
        expect(outcome[:accounts][:pack]).to include(accepted: 50, processed: 42, failed: 8, abandoned: 0)
      end
    end

    it "lose the batch that waits for room when their thread is ended, with #{way} too (reliability P1)" do
      pack = method(:pack)
      ending = method(:end_the_gatherer)
      outcome = outcome_of_both(way, one_lost: true) do |one|
        job do
          producer(:source) { 40.times { |n| emit n } }
          pack.call(one, self, { max_size: 2 })
          consumer(:sink) do |batch|
            ending.call(Thread.current) if batch == [0, 1]
            @results << batch
          end
        end
      end
      expect(outcome[:accounts][:pack]).to include(accepted: 40, processed: 38, failed: 2, abandoned: 0)
      expect([outcome[:results], outcome[:accounts][:sink][:accepted]]).to eq([[19, true], 19])
    end

    it "lose it on its way to the threads that work on it, with #{way} too (reliability P1)" do
      ending = method(:end_the_gatherer)
      outcome = outcome_of_both(way, one_lost: true) do |one|
        gathering(one, items: 40, size: 2, kind: :threads) do |batch|
          ending.call(Thread.current) if batch == [0, 1]
          batch
        end
      end
      expect(outcome[:accounts][:pack]).to include(accepted: 40, processed: 38, failed: 2, abandoned: 0)
      expect(outcome[:results]).to eq([19, true])
    end
  end

  %i[plain hooks time key checkpoints].each do |way|
    it "leave nothing behind when the run is given up, #{way} (reliability P1)" do
      pack = method(:pack)
      entered = gate
      job = job do
        producer(:source) { (0..).each { |n| emit n } }
        pack.call(way, self, { max_size: 3 })
        consumer(:sink) { |_| entered.open && sleep }
      end
      runner = Thread.new { job.run }
      entered.wait
      runner.kill.join
      account = job.report.stages[:pack]
      expect(account[:accepted]).to eq(account.values_at(:processed, :failed, :abandoned).sum)
      expect([account[:failed], account[:processed] % 3, account[:abandoned] >= 0]).to eq([0, 0, true])
    end
  end

  it "end a process that a block has forked and that comes back (contract 20)" do
    job = gathering(:plain, items: 4, size: 2) { |batch| (pid = fork) ? Process.wait(pid) && batch : :stray }
    expect { job.run }.to output(/stage :pack came back from it/).to_stderr_from_any_process
    expect(job.results).to eq([[0, 1], [2, 3]])
  end
end
