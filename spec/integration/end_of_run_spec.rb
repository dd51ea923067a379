# frozen_string_literal: true

RSpec.describe "the end of a run" do
  include Runs

  include_context "nothing is left"

  Runs::SORTS.product(Runs::SORTS).each do |one, two|
    it "comes though items go in circles, and none is lost: #{one} and #{two} (contract 10.1, 16 Q26)" do
      count = [one, two].include?(:process_per_batch) ? 4 : 300
      job = job do
        producer(:source, to: :ping) { count.times { |n| emit [n, 5] } }
        Runs.within(self, one) do |options|
          processor(:ping, options.merge(to: :sink)) do |(n, left)|
            left.zero? ? emit(n) : emit_to_stage(:pong, [n, left - 1])
          end
        end
        Runs.within(self, two) do |options|
          processor(:pong, options.merge(to: :sink)) do |(n, left)|
            left.zero? ? emit(n) : emit_to_stage(:ping, [n, left - 1])
          end
        end
        consumer(:sink) { |n| @results << n }
      end

      job.run

      expect(job.results.sort).to eq((0...count).to_a)
    end
  end

  Runs::KINDS.each do |kind|
    it "waits for the last item, however long it takes in #{kind} (contract 16 Q27)" do
      emptied = gate
      job = job do
        producer(:source) { emit 1 }
        after_producer { emptied.open }
        Runs.within(self, kind) do |options|
          processor :slow, options do |n|
            emptied.wait
            sleep 0.02
            emit n
          end
        end
        batch 10
        consumer(:sink) { |list| @results << list }
      end
      job.run

      expect(job.results).to eq([[1]])
    end

    it "leaves nothing when Timeout brings it at a random moment in #{kind} (contract 10.8)" do
      amount = nil
      job = job do
        producer(:source) { (0...amount).each { |n| emit n } }
        Runs.within(self, kind) { |options| processor(:one, options) { |n| emit n } }
        batch 10
        Runs.within(self, kind) { |options| consumer(:two, options) { |list| @results << list.size } }
      end
      threads = Thread.list
      rounds = ENV["LONG"] ? 100 : 8
      interrupted = rounds.times.count do |round|
        # Some runs may come to their end first, or are interrupted there.
        amount = round.even? ? 10_000 : Float::INFINITY
        Timeout.timeout(rand(0.0001..0.05)) { job.run }
        false
      rescue Timeout::Error
        eventually(5, "children are left") { children_of(Process.pid).empty? }
        # The thread that Timeout itself keeps is not ours.
        eventually(5, "threads are left") { (Thread.list - threads).size <= 1 }
      end

      expect(interrupted).to be >= rounds / 2
    end
  end

  it "is no beginning for a slot, when it is given up (reliability P6)" do
    result = run_script("spec/scripts/late_slot.rb", deadline: 30)
    expect(JSON.parse(result.stdout)).to eq("outcome" => "enough", "children" => 0), result.stderr
  end
end
