# frozen_string_literal: true

RSpec.describe "back-pressure" do
  include Runs

  include_context "nothing is left"

  # Items that may lie in one inbox, besides the one that is worked on and the one that waits.
  def inbox = Minigun::Flow::Node::CAPACITY

  # How much more it is where items come and go quickly is another question (spec/unit/inbox_spec.rb).
  before { stub_const("Minigun::Flow::Node::MOST", inbox) }

  # Waits until the number has stopped growing, and returns it.
  def settled(counters, index = 0)
    last = nil
    equal = 0
    eventually(20, "the producer did not come to rest") do
      now = counters.get(index)
      equal = now == last ? equal + 1 : 0
      last = now
      equal >= 8 && now.positive?
    end
    last
  end

  # How far a producer in the given context gets while the last stage stands still.
  def produced_while_blocked(kind, total:, payload:)
    produced = counters
    seen = nil
    spec = self
    job = job do
      Runs.within(self, kind, 1) do |options|
        producer(:source, options) do
          total.times do
            emit payload
            produced.add(0, 1)
          end
        end
      end
      consumer(:sink) do |item|
        seen ||= spec.settled(produced)
        @results << item.bytesize
      end
    end
    job.run
    [seen, job]
  end

  %i[inline threads thread_per_batch].each do |kind|
    it "stops a producer in #{kind} when the consumer stands still (contract 21.2)" do
      seen, job = produced_while_blocked(kind, total: 2_000, payload: "x")

      expect(seen).to be_between(1, inbox + 2)
      expect(job.results.size).to eq(2_000)
    end
  end

  # A child may in addition fill its ring.
  Runs::FORKED.each do |kind|
    it "stops the child of a producer in #{kind} when the consumer stands still (contract 21.2)" do
      seen, job = produced_while_blocked(kind, total: 1_500, payload: "x" * 8_192)

      expect(seen).to be_between(1, inbox + 2 + ((1 << 20) / 8_192))
      expect(job.results.sum).to eq(1_500 * 8_192)
    end
  end

  (Runs::KINDS - [:process_per_batch]).each do |kind|
    it "reaches the producer through a stage in #{kind} (contract 21.2)" do
      produced = counters
      # Two inboxes, what the two slots have in hand, and for children their rings of both directions.
      bound = (2 * inbox) + 8 + (Runs::FORKED.include?(kind) ? 4 * ((1 << 20) / 16_384) : 0)
      total = bound + 200
      seen = nil
      spec = self
      job = job do
        producer(:source) do
          total.times do
            emit "x" * 16_384
            produced.add(0, 1)
          end
        end
        Runs.within(self, kind, 2) { |options| processor(:pass, options) { |text| emit text } }
        consumer(:sink) do |text|
          seen ||= spec.settled(produced)
          @results << text.bytesize
        end
      end
      job.run

      expect(seen).to be_between(1, bound)
      expect(job.results).to eq([16_384] * total)
    end
  end

  it "reaches the producer through children of process_per_batch, which stop in their emits (contract 21.2)" do
    # 0 produced, 1 emitted by children
    counts = counters(2)
    seen = nil
    enough = Class.new(Exception) # rubocop:disable Lint/InheritException -- ends the run
    spec = self
    job = job do
      producer(:source) do
        2_000.times do
          emit "x" * 16_384
          counts.add(0, 1)
        end
      end
      process_per_batch(max: 2) do
        processor(:burst) do |text|
          1_000.times do
            emit text
            counts.add(1, 1)
          end
        end
      end
      consumer(:sink) do |_|
        seen = [spec.settled(counts), spec.settled(counts, 1)]
        raise enough
      end
    end

    expect { job.run }.to raise_error(enough)
    expect(seen[0]).to be_between(1, inbox + 4)
    expect(seen[1]).to be_between(1, inbox + 4 + (2 * ((1 << 20) / 16_384)))
  end

  it "holds a bounded number of items at every moment of a long run through children (contract 21.2)" do
    # 0 produced, 1 consumed, 2 how often there were more than allowed under way
    counts = counters(3)
    bound = (2 * inbox) + 8 + (4 * ((1 << 20) / 4_096))
    total = 4_000
    job = job do
      producer(:source) do
        total.times do
          emit "x" * 4_096
          under_way = counts.add(0, 1) - counts.get(1)
          counts.add(2, 1) if under_way > bound
        end
      end
      processes(2) { processor(:pass) { |text| emit text } }
      consumer(:sink) { |_| counts.add(1, 1) }
    end
    job.run

    expect(counts.to_a).to eq([total, total, 0])
  end

  it "bounds the batches that wait for children (issue: memory is bounded by inbox sizes)" do
    produced = counters
    job = job do
      producer(:source) do
        1_000.times do
          emit "x"
          produced.add(0, 1)
        end
      end
      batch 10
      process_per_batch(max: 1) { consumer(:work) { |_| sleep } }
    end
    runner = Thread.new { job.run }
    stopped_at = settled(produced)
    runner.kill.join

    # The accumulator's inbox and its batch, four batches that wait, one in the child, one to be handed over.
    expect(stopped_at).to be_between(1, inbox + 2 + (7 * 10))
  end

  it "does not block what goes against the direction of the graph (design 4)" do
    job = job do
      producer(:source) { emit 0 }
      processor(:one) { |n| n.zero? ? 2_000.times { |i| emit i + 1 } : emit(n) }
      processor(:two) { |n| n <= 2_000 ? emit_to_stage(:one, n + 10_000) : emit(n) }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq((10_001..12_000).to_a)
  end

  it "lets a run with a blocked producer be interrupted (contract 10.8)" do
    blocked = gate
    job = job do
      producer(:source) { loop { emit "x" } }
      consumer(:sink) do |_|
        blocked.open
        sleep
      end
    end
    runner = Thread.new { job.run }
    runner.report_on_exception = false
    blocked.wait
    runner.raise(Interrupt)

    expect { runner.join(20) }.to raise_error(Interrupt)
  end
end
