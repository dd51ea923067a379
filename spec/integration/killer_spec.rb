# frozen_string_literal: true

# A killer that knows nothing of the run: whatever it hits, each item has one outcome, and nothing arrives
# twice.
RSpec.describe "children that are killed at any moment" do
  include Runs

  include_context "nothing is left"

  # Looking through all processes would take longer than a child lives.
  def child?(pid)
    pid.positive? && File.read("/proc/#{pid}/stat").rpartition(")").last.split[1].to_i == Process.pid
  rescue Errno::ENOENT, Errno::ESRCH
    false
  end

  def hit(pid, signal)
    child?(pid) && Process.kill(signal, pid)
  rescue Errno::ESRCH
    false
  end

  # Kills a child of this process every few milliseconds while the block runs.
  #
  # @param pids [Minigun::Native::Counters] of those that have begun with item 0..49; the number of the last
  # @return [Integer] how many were hit
  def with_killer(random, signals, pids)
    stop = false
    killed = 0
    killer = Thread.new do
      until stop
        IO.select(nil, nil, nil, random.rand(0.001..0.01))
        killed += 1 if hit(pids.get([pids.get(50) - random.rand(4), 0].max), signals.sample(random: random))
      end
    end
    yield
    stop = true
    killer.join
    killed
  ensure
    stop = true
    killer&.join
  end

  def expect_balance(report)
    [*report.stages.values, report.totals].each do |account|
      expect(account[:accepted]).to eq(account[:processed] + account[:failed])
      expect(account[:abandoned]).to eq(0)
    end
  end

  [{}, { retries: 2 }, { retries: 6, backoff: { base: 0.001 } }, { timeout: 5, retries: 1 }].each do |options|
    %i[processes process_per_batch].each do |kind|
      it "leave one outcome for each item in #{kind} with #{options} (reliability P1, P3)" do
        random = Random.new(RSpec.configuration.seed)
        runs = counters(50)
        pids = counters(51)
        job = job(seen: []) do
          producer(:source) { 50.times { |n| emit n } }
          Runs.within(self, kind, 3) do |context|
            processor(:work, context.merge(options)) do |n|
              runs.add(n, 1)
              pids.set(n, Process.pid)
              pids.set(50, n)
              @seen << n
              3.times { |i| emit [n, i] }
              IO.select(nil, nil, nil, 0.005)
              emit [n, 3]
            end
          end
          consumer(:sink) { |item| @results << item }
        end
        killed = with_killer(random, %i[KILL KILL TERM], pids) { job.run }

        failed = job.report.failures.map { |failure| Integer(failure.item) }
        complete = job.results.select { |_, i| i == 3 }.map(&:first)
        expect(killed).to be_positive
        expect(job.results).to eq(job.results.uniq)
        expect((complete | failed).sort).to eq((0...50).to_a)
        expect(failed).to eq(failed.uniq)
        expect_balance(job.report)
        next unless options[:retries]

        # Nothing of an item that failed has arrived, nor is anything missing of one that did not.
        expect(complete & failed).to eq([])
        expect(job.results.sort).to eq(complete.flat_map { |n| Array.new(4) { |i| [n, i] } }.sort)
        expect(job.variable(:seen).sort).to eq(complete.sort)
        expect((0...50).map { |n| runs.get(n) }.max).to be <= options[:retries] + 1
      end
    end
  end
end
