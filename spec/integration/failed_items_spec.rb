# frozen_string_literal: true

RSpec.describe "items that failed: on_failure and dead_letter" do
  include Runs

  include_context "base set"

  Runs::KINDS.each do |kind|
    it "are told to hooks and sent to the stage for them from #{kind}" do
      job = job(told: [], kept: []) do
        dead_letter :grave
        on_failure { |item, error, stage| @told << [item, error.message, stage] }
        producer(:numbers) { 9.times { |i| emit(i) } }
        Runs.within(self, kind) do |options|
          processor(:work, retries: 1, **options) { |i| i % 4 == 3 ? raise(ArgumentError, "bad #{i}") : emit(i) }
        end
        consumer(:grave) { |letter| @results << letter.to_h.except(:error).merge(error: letter.error.class) }
        consumer(:keep) { |i| @kept << i }
      end
      job.run
      expect(job.variable(:kept)).to match_array([*0...9] - [3, 7])
      expect(job.variable(:told)).to contain_exactly([3, "bad 3", :work], [7, "bad 7", :work])
      expect(job.results)
        .to match_array([3, 7].map { |i| { item: i, error: ArgumentError, stage: :work, attempts: 2 } })
      expect(job.report.totals).to include(failed: 2, abandoned: 0, retried: 2)
    end
  end

  it "are the very items, also when a child was killed by them" do
    items = Array.new(4) { |i| { id: i } }
    job = job do
      producer(:items) { items.each { |item| emit(item) } }
      processes(2) do
        consumer(:work, dead_letter: :grave) { |item| Process.kill(:KILL, Process.pid) && sleep if item[:id] == 2 }
      end
      consumer(:grave) { |letter| @results << [letter.item, letter.error.class] }
    end
    job.run
    expect(job.results).to eq([[items[2], Minigun::WorkerDied]])
    expect(job.results.dig(0, 0)).to be(items[2])
  end

  it "go to a stage in children, errors that cannot be dumped included" do
    job = job do
      dead_letter :grave
      producer(:numbers) { 2.times { |i| emit(i) } }
      consumer :work do |i|
        error = ArgumentError.new("bad")
        error.instance_variable_set(:@io, $stdout)
        raise error if i == 1
      end
      processes(1) { consumer(:grave) { |letter| @results << [letter.item, letter.error.message, letter.attempts] } }
    end
    job.run
    expect(job.results).to eq([[1, "bad", 1]])
  end

  it "come as a batch when a batch failed as a whole" do
    job = job(told: []) do
      dead_letter :grave
      on_failure { |batch, _, stage| @told << [batch, stage] }
      producer(:numbers) { 4.times { |i| emit(i) } }
      accumulator(:pairs, max_size: 2) { |batch| raise "bad" if batch.include?(3) }
      consumer(:keep) { |_| nil }
      consumer(:grave) { |letter| @results << letter.item }
    end
    job.run
    expect([job.results, job.variable(:told), job.report.failed]).to eq([[[2, 3]], [[[2, 3], :pairs]], 2])
  end

  it "call hooks from the outside in, those of one stage last, and emit for the stage" do
    job = job(told: []) do
      on_failure { |_, _, stage| @told << [:outer, stage] }
      pipeline :inner do
        on_failure do |i, _|
          @told << :inner
          emit(-i)
        end
        on_failure(:work) { @told << :stage }
        producer(:numbers) { emit(5) }
        processor(:work, on_failure: ->(item) { @told << item }) { |_| raise "bad" }
        consumer(:keep) { |i| @results << i }
      end
    end
    job.run
    expect([job.results, job.variable(:told)]).to eq([[-5], [%i[outer work], :inner, :stage, 5]])
  end

  it "of a producer are told without an item, and send no letter" do
    job = job(told: []) do
      dead_letter :grave
      on_failure { |item, error, stage| @told << [item, error.message, stage] }
      producer(:numbers) { raise "no numbers" }
      consumer(:grave) { |letter| @results << letter }
    end
    job.run
    expect([job.results, job.variable(:told)]).to eq([[], [[nil, "no numbers", :numbers]]])
  end

  it "go on when a hook raises, which is logged" do
    job = job do
      dead_letter :grave
      on_failure { raise "hook" }
      producer(:numbers) { emit(1) }
      consumer(:work) { |_| raise "bad" }
      consumer(:grave) { |letter| @results << letter.item }
    end
    job.run
    expect(job.results).to eq([1])
    expect(log_output).to include("on_failure hook failed: hook (RuntimeError)")
  end

  it "do not come back to the stage for them, nor to those behind it" do
    job = job do
      dead_letter :grave
      producer(:numbers) { 2.times { |i| emit(i) } }
      consumer(:work) { |i| raise "bad #{i}" }
      processor(:grave, to: :archive) { |letter| letter.item.zero? ? raise("grave") : emit(letter.item) }
      consumer(:archive) { |_| raise "archive" }
    end
    job.run
    expect(job.report.failures.map { |failure| failure.error.message })
      .to contain_exactly("bad 0", "bad 1", "grave", "archive")
  end

  it "leave the other stages joined as they would be" do
    job = job do
      dead_letter :grave
      producer(:numbers) { 3.times { |i| emit(i) } }
      processor(:work) { |i| emit(i) }
      processor(:grave) { |letter| letter }
      consumer(:keep) { |i| @results << i }
    end
    job.run
    expect(job.results).to eq([0, 1, 2])
    expect(job.class._minigun_task.dag.edges).to include(work: [:keep], grave: [])
  end

  it "are refused a stage that is not there, and a hook that is none" do
    expect { job { dead_letter(:grav) || consumer(:grave) { |_| nil } }.run }
      .to raise_error(Minigun::Error, /dead_letter of stage :grave names stage :grav, .* Did you mean :grave/)
    expect { job { dead_letter 5 }.run }.to raise_error(ArgumentError, /dead_letter: a stage name is needed, got 5/)
    expect { job { on_failure }.run }.to raise_error(ArgumentError, /on_failure hook: a block is needed/)
    expect { job { on_failure(:x) { nil } }.run }.to raise_error(Minigun::Error, /an? on_failure hook names stage :x/)
  end
end
