# frozen_string_literal: true

# A producer of a few items is not interrupted between its hooks and its block, whatever follows it.
RSpec.describe "a short producer (contract 10.1)" do
  include Runs

  include_context "nothing is left"

  {
    "two consumers" => lambda { |dsl|
      dsl.consumer(:one) { |_| @results << :one }
      dsl.consumer(:two, from: :source) { |_| @results << :two }
    },
    "threads and another producer" => lambda { |dsl|
      dsl.threads(2) { consumer(:one) { |_| @results << :one } }
      dsl.producer(:other) { emit 4 }
    },
    "a batch and fresh threads" => lambda { |dsl|
      dsl.batch 1
      dsl.thread_per_batch(max: 2) { consumer(:one) { |_| @results << :one } }
    },
    "an inner pipeline" => lambda { |dsl|
      dsl.pipeline(:inner) { processor(:one) { |n| (@results << :one) && emit(n) } }
      dsl.consumer(:two) { |_| @results << :two }
    },
    "children" => lambda { |dsl|
      dsl.processes(1) { processor(:one) { |n| emit n } }
      dsl.consumer(:two) { |_| @results << :two }
    }
  }.each do |what, stages|
    it "keeps its before hook, block and after hook neighbours in front of #{what}" do
      count = what == "children" ? 20 : 100
      count *= 20 if ENV["LONG"]
      broken = Array.new(count) do
        job = job do
          before(:source) { @results << :before }

          producer(:source) { (@results << :source) && 3.times { |n| emit n } }
          after(:source) { @results << :after }

          stages.call(self)
        end
        job.run
        job.results[job.results.index(:before), 3] == %i[before source after] ? nil : job.results
      end

      expect(broken.compact).to eq([])
    end
  end

  it "is so where a thread of the next stage has just begun, and has lost its turn" do
    held = 0
    wait = -> { eventually { held.positive? } }
    job = job do
      before(:source) { wait.call && (@results << :before) }

      producer(:source) { (@results << :source) && 3.times { |n| emit n } }
      after(:source) { @results << :after }

      threads(2) { consumer(:one) { |_| @results << :one } }
    end
    thread = ->(stage) { Thread.list.find { |one| one.name == "minigun:#{stage}" } }
    trace = TracePoint.new(:call) do |event|
      next unless event.method_id == :seek && Thread.current == thread.call(:one) && (held += 1) == 1

      eventually do
        job.results.include?(:after) || (job.results.any? && thread.call(:source)&.status == "sleep")
      end
    end
    trace.enable(target_thread: nil) { job.run }

    expect(job.results.first(3)).to eq(%i[before source after])
    expect(job.results.size).to eq(6)
  end

  it "is so with a busy thread beside it as well" do
    stop = false
    busy = Thread.new { nil until stop }
    broken = Array.new(ENV["LONG"] ? 100 : 10) do
      job = job do
        before(:source) { @results << :before }

        producer(:source) { (@results << :source) && emit(1) }
        after(:source) { @results << :after }

        consumer(:one) { |_| @results << :one }
      end
      job.run
      job.results.each_cons(3).include?(%i[before source after])
    end

    expect(broken).to all(be(true))
  ensure
    stop = true
    busy&.join
  end
end
