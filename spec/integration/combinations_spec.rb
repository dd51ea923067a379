# frozen_string_literal: true

RSpec.describe "options in combination (issue 6)" do
  include Runs

  include_context "nothing is left"

  def expect_truth(cursors, dropped = [])
    cursors.each { |cursor, seen| expect((0...cursor).to_a - seen - dropped).to eq([]) }
    expect(cursors.map(&:first)).to eq(cursors.map(&:first).uniq.sort)
  end

  %i[processes process_per_batch].each do |kind|
    it "checkpoints hold with threads inside the batches of #{kind}, some of whose items fail into dead letters" do
      job = job(cursors: [], graves: []) do
        producer :source, from: 0...60
        batch 6
        Runs.within(self, kind, 2) do |options|
          processor(:work, threads: 3, dead_letter: :grave, **options) { |n| n % 10 == 4 ? raise("no #{n}") : emit(n) }
        end
        consumer(:sink) { |n| @results << n }
        consumer(:grave) { |letter| (@graves << letter.item) && (@results << letter.item) }
        checkpoint(every: 7) { |cursor| @cursors << [cursor, @results.dup] }
      end
      job.run

      expect(job.variable(:graves).sort).to eq([4, 14, 24, 34, 44, 54])
      expect(job.results.sort).to eq((0...60).to_a)
      expect(job.variable(:cursors).last.first).to eq(60)
      expect_truth(job.variable(:cursors))
    end

    it "checkpoints do not count what stop! has cut off, and a second run ends the work (#{kind})" do
      # More than a pool's child is given at once; a fork for each takes its time.
      count = kind == :processes ? 2000 : 200
      job = job(cursors: [], stopping: true) do
        producer :source, from: 0...count
        Runs.within(self, kind, 2) do |options|
          processor(:work, options) { |n| (@stopping && n == 20 ? stop!(:enough) : nil) || emit(n) }
        end
        consumer(:sink) { |n| @results << n }
        checkpoint(every: 5) { |cursor| @cursors << [cursor, @results.dup] }
      end
      expect(job.run).to eq(:enough)
      expect_truth(job.variable(:cursors))
      cursor = job.variable(:cursors).last.first
      expect(cursor).to be_between(0, count - 1)
      job.instance_variable_set(:@stopping, false)
      expect(job.run(resume_from: cursor)).to eq(count - cursor)
      expect(job.results.uniq.sort).to eq((0...count).to_a)
    end

    it "a router, an order, a limit and a rate of one stage hold together in #{kind}" do
      gauge = Runs::Gauge.new
      job = job do
        producer :source, from: 0...24
        partition by: ->(n) { n % 3 }
        Runs.within(self, kind, 3) do |options|
          processor(:work, ordered: true, limit: 2, rate: 1_000, per: 1, **options) do |n|
            gauge.enter
            gauge.leave
            emit n
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      # The order is that in which the stage takes items: behind a router, that of each slot.
      expect(job.results.sort).to eq((0...24).to_a)
      expect(job.results.group_by { |n| n % 3 }.values).to all(satisfy { |list| list == list.sort })
      expect(gauge.max).to be <= 2
    end

    it "keyed, timed, unique batches with a bound on all arrive once each in #{kind}, with retries" do
      items = (0...120).map { |n| [n % 5, n % 60] }
      job = job do
        producer :source, from: items
        batch 7, by: :first, max_wait: 0.2, uniq: true, max_total: 20
        Runs.within(self, kind, 2) do |options|
          processor(:work, retries: 2, **options) do |list|
            raise "again" if attempt == 1

            emit list
          end
        end
        consumer(:sink) { |list| @results << list }
      end
      job.run

      expect(job.results).to all(satisfy { |list| list.map(&:first).uniq.size == 1 && list.size <= 7 })
      expect(job.results).to all(satisfy { |list| list == list.uniq })
      expect(job.results.flatten(1).uniq.sort).to eq(items.uniq.sort)
      expect(job.report).to be_success
    end

    it "objects as stages keep the order in #{kind}" do
      doubler = Class.new { def process(number) = number * 2 }.new
      job = job do
        producer :source, from: 1..30
        Runs.within(self, kind, 3) { |options| processor(:work, using: doubler, ordered: true, **options) }
        consumer(:sink) { |n| @results << n }
      end
      job.run
      expect(job.results).to eq((1..30).map { |n| n * 2 })
    end
  end
end
