# frozen_string_literal: true

RSpec.describe "accumulators at run" do
  include Runs

  include_context "nothing is left"

  it "makes exact batches in arrival order and flushes the rest (contract 7.3)" do
    [[10, 3], [9, 3], [2, 5], [1, 1], [0, 4]].each do |count, size|
      job = job do
        producer(:source) { count.times { |n| emit n } }
        batch size
        consumer(:sink) { |list| @results << list }
      end
      job.run

      expect(job.results).to eq((0...count).each_slice(size).to_a)
    end
  end

  it "takes 100 where no size is given (contract 7.3)" do
    job = job do
      producer(:source) { 250.times { |n| emit n } }
      accumulator
      consumer(:sink) { |list| @results << list.size }
    end
    job.run

    expect(job.results).to eq([100, 100, 50])
  end

  it "keeps nil and false in batches, and Arrays as they are (contract 10.2)" do
    job = job do
      producer(:source) { [nil, false, [], [1]].each { |item| emit item } }
      batch 3
      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results).to eq([[nil, false, []], [[1]]])
  end

  it "flushes before after_run (contract 10.1)" do
    events = []
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      batch 3
      consumer(:sink) { |list| events << list }
      after_run { events << :after_run }
    end
    job.run

    expect(events).to eq([[0, 1, 2], [3], :after_run])
  end

  it "flushes before after_run into children as well (contract 10.1)" do
    seen = nil
    job = job do
      producer(:source) { 7.times { |n| emit n } }
      batch 3
      process_per_batch(max: 2) { consumer(:sink) { |list| @results << list } }
      after_run { seen = @results.sort }
    end
    job.run

    expect(seen).to eq([[0, 1, 2], [3, 4, 5], [6]])
  end

  it "flushes accumulators one after another in the order of the graph (issue: execution)" do
    job = job do
      producer(:source) { 10.times { |n| emit n } }
      batch 4
      batch 2
      batch 2
      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results).to eq([[[[0, 1, 2, 3], [4, 5, 6, 7]], [[8, 9]]]].flatten(1).then { |rest| [rest] })
  end

  it "batches batches exactly (contract 7.3)" do
    job = job do
      producer(:source) { 11.times { |n| emit n } }
      batch 2
      batch 3
      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results).to eq([[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10]]])
  end

  Runs::KINDS.each do |kind|
    it "sends the value of its block downstream in #{kind} (contract 7.3)" do
      job = job do
        producer(:source) { 7.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          accumulator(:sums, options.merge(max_size: 3)) { |list| [list.sum, Process.pid] }
        end
        consumer(:sink) { |sum, pid| @results << [sum, pid] }
      end
      job.run

      expect(job.results.map(&:first)).to contain_exactly(3, 12, 6)
      expect(job.results.any? { |_, pid| pid == Process.pid }).to be(!Runs::FORKED.include?(kind))
    end

    it "sends what its block emits instead in #{kind} (contract 20)" do
      job = job do
        producer(:source) { 5.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          accumulator(:each, options.merge(max_size: 2)) do |list|
            list.each { |n| emit n * 10 }
            :ignored
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq([0, 10, 20, 30, 40])
    end

    it "sends nil and false when they are the block's value in #{kind} (contract 7.3)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind) do |options|
          accumulator(:nothing, options.merge(max_size: 1)) { |_| nil }
          processor(:note, options) { |item| emit [item] }
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results.flatten).to eq([nil])
    end

    it "counts the items, not the batches, as consumed in #{kind} (contract 12)" do
      job = job do
        producer(:source) { 7.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          accumulator(:sums, options.merge(max_size: 3)) { |list| list.sum }
        end
        consumer(:sink) { |_| nil }
      end
      job.run

      expect(stats_of(job, :sums)).to have_attributes(items_consumed: 7, items_produced: 3, items_failed: 0)
    end

    it "loses only the batch whose block fails in #{kind} (contract 10.7)" do
      job = job do
        producer(:source) { 6.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          accumulator(:picky, options.merge(max_size: 2)) { |list| list.include?(2) ? raise("no twos") : list }
        end
        consumer(:sink) { |list| @results << list }
      end
      job.run

      expect(job.results.sort).to eq([[0, 1], [4, 5]])
      expect(job.report.failed).to eq(2)
      expect(only_failure(job)).to have_attributes(stage: :picky, count: 2)
      expect(only_failure(job).error.message).to eq("no twos")
    end

    it "collects what a stage in #{kind} emits (contract 7.3)" do
      job = job do
        producer(:source) { 10.times { |n| emit n } }
        Runs.within(self, kind) { |options| processor(:pass, options) { |n| emit n } }
        batch 4
        consumer(:sink) { |list| @results << list }
      end
      job.run

      expect(job.results.map(&:size)).to eq([4, 4, 2])
      expect(job.results.flatten.sort).to eq((0..9).to_a)
    end
  end

  it "runs before and after hooks around each item, not each batch (contract 10.5)" do
    events = []
    job = job do
      producer(:source) { 3.times { |n| emit n } }
      accumulator(:pairs, max_size: 2) { |list| (events << list) && list }
      before(:pairs) { events << :before }
      after(:pairs) { events << :after }

      consumer(:sink) { |_| nil }
    end
    job.run

    expect(events).to eq([:before, :after, :before, [0, 1], :after, :before, :after, [2]])
  end

  it "runs two full batches at once in a context of width two (contract 21.3)" do
    meeting = rendezvous(2)
    %i[threads thread_per_batch processes process_per_batch].each do |kind|
      job = job do
        producer(:source) { 8.times { |n| emit n } }
        Runs.within(self, kind, 2) do
          accumulator(:pairs, max_size: 2) do |list|
            meeting.meet
            list.sum
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sum).to eq(28)
      expect(meeting.max).to eq(2)
    end
  end

  it "collects what a pool emits before its children leave (contract 20)" do
    job = job do
      producer(:source) { 6.times { |n| emit n } }
      processes(1) { processor(:hoard) { |n| (@kept ||= []) << n } }
      before_exit(:hoard) { @kept.each { |n| emit n * 10 } }
      batch 4
      consumer(:sink) { |list| @results << list }
    end
    job.run

    expect(job.results).to eq([[0, 10, 20, 30], [40, 50]])
  end

  it "collects what is sent to it from behind it (contract 10.2)" do
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      accumulator(:pairs, max_size: 2)
      processor(:unpack) { |list| list.each { |n| n < 100 ? emit_to_stage(:pairs, n + 100) : emit(n) } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq([100, 101, 102, 103])
  end

  it "starts empty at every run (contract 6)" do
    job = job do
      producer(:source) { 4.times { |n| emit n } }
      batch 3
      consumer(:sink) { |list| @results << list }
    end
    2.times { job.run }

    expect(job.results).to eq([[0, 1, 2], [3], [0, 1, 2], [3]])
  end

  it "keeps the order of one producer in a batch of ten thousand (contract 10.1)" do
    job = job do
      producer(:source) { 10_000.times { |n| emit n } }
      batch 10_000
      process_per_batch(max: 1) { processor(:check) { |list| emit [list.size, list == (0...10_000).to_a] } }
      consumer(:sink) { |item| @results << item }
    end
    job.run

    expect(job.results).to eq([[10_000, true]])
  end
end
