# frozen_string_literal: true

# Who ends threads by their names, or all that there are, hits those of stages between two items, too.
RSpec.describe "a thread of a stage that somebody kills between two items" do
  include Runs

  include_context "nothing is left"

  def threads_of(stage) = Thread.list.select { |thread| thread.name == "minigun:#{stage}" }

  # Kills all of the stage's threads, when they have worked off everything.
  def kill(stage, results, count)
    eventually(10, "the items do not arrive") { results.size >= count }
    eventually(10, "the stage does not wait") { threads_of(stage).any? && threads_of(stage).all?(&:stop?) }
    threads_of(stage).each(&:kill).each { |thread| thread.join(10) }
  end

  # @param pending [Integer] items that a stage may keep until more come
  # @yield defines the stage `work`, which emits what it gets
  def run_with_killer(pending: 0, &stage)
    killer = method(:kill)
    job = job do
      producer(:source) do
        killer.call(:work, @results, 0)
        20.times { |n| emit n }
        killer.call(:work, @results, 20 - pending)
        20.times { |n| emit 20 + n }
      end
      instance_exec(&stage)
      consumer(:sink) { |item| @results.concat(Array(item)) }
    end
    job.run
    job
  end

  Runs::KINDS.each do |kind|
    it "is replaced in #{kind} (reliability P1)" do
      job = run_with_killer { Runs.within(self, kind) { |options| processor(:work, options) { |n| emit n } } }

      expect(job.results.sort).to eq([*0...40])
      # What an item has emitted is here before its outcome: the last one may have been hit between these.
      expect(job.report.totals).to include(failed: be <= 1, abandoned: 0)
    end
  end

  it "is replaced where items keep their order, and where they are gathered (reliability P1)" do
    ordered = run_with_killer { threads(3) { processor(:work, ordered: true) { |n| emit n } } }
    gathered = run_with_killer(pending: 6) { accumulator(:work, max_size: 7) }

    expect(ordered.results).to eq([*0...40])
    expect(gathered.results).to eq([*0...40])
  end

  it "does not close the stage's object a second time (reliability P1)" do
    closed = []
    object = Object.new
    object.define_singleton_method(:process) { |n, &emit| emit.call(n) }
    object.define_singleton_method(:close) { |&_emit| closed << :closed }
    job = run_with_killer { threads(2) { processor(:work, using: object) } }

    expect(job.results.sort).to eq([*0...40])
    expect(closed).to eq([:closed])
  end
end
