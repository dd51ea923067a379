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
      # What an item has emitted is here before its outcome: the last one of each thread may have been hit
      # between these.
      expect(job.report.totals).to include(failed: be <= 2, abandoned: 0)
    end
  end

  it "is replaced where items keep their order, and where they are gathered (reliability P1)" do
    ordered = run_with_killer { threads(3) { processor(:work, ordered: true) { |n| emit n } } }
    gathered = run_with_killer(pending: 6) { accumulator(:work, max_size: 7) }

    expect(ordered.results).to eq([*0...40])
    expect(gathered.results).to eq([*0...40])
  end

  # Kills the stage's thread when the n-th method or block has returned between taking an item and
  # waiting for the thread that it has made for it; answers whether there was an n-th. Ruby does not
  # look for interrupts after each of them: it comes at the next place where it does.
  def killed_on_its_way(number, waits)
    seen = 0
    trace = TracePoint.new(:return, :b_return, :c_return, :c_call) do |event|
      next unless Thread.current.name == "minigun:work"
      next unless event.path.match?(%r{execution/(local|trace)|system_limits|own_threads})
      next (waits.open if event.method_id == :join) if event.event == :c_call
      next if waits.open? || (seen += 1) != number

      Thread.new(Thread.current, &:kill).join
    end
    trace.enable(target_thread: nil) { yield }
    seen >= number
  end

  it "takes along the thread that it has made for an item, wherever it is killed (reliability P1)" do
    killed = (1..40).take_while do |number|
      waits = gate
      others = Thread.list
      job = job do
        producer(:source) { emit 1 }
        thread_per_batch(max: 1) { consumer(:work) { |_| waits.wait } }
      end
      killed_on_its_way(number, waits) { job.run }.tap do
        eventually(5, "threads are left, killed at #{number}") { (Thread.list - others).empty? }
      end
    end

    expect(killed.size).to be_between(3, 39)
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
