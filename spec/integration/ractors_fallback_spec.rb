# frozen_string_literal: true

RSpec.describe "stages in Ractors whose blocks need threads (contract 21.6)",
               unless: Minigun::Execution::Isolation.unavailable do
  include Runs

  include_context "nothing is left"

  before { stub_const("Rates", Class.new { def self.table = @table ||= { eur: 1 } }) }

  after { eventually(5, "Ractors are left") { Ractor.count == 1 } }

  kinds = %i[ractors ractor_per_batch]

  def job_in(kind, items = [1, 2, 3], **variables, &block)
    job(**variables) do
      producer(:source) { items.each { |item| emit item } }
      Runs.within(self, kind) { |options| processor(:work, options, &block) }
      consumer(:sink) { |item| @results << item }
      consumer(:far) { |item| @results << [:far, item] }
    end
  end

  def warnings = log_output.lines.grep(/WARN/)

  def expect_threads(because)
    expect(warnings.size).to eq(1)
    expect(warnings.first).to include("[Stage:work] runs in threads, not in Ractors", because)
  end

  kinds.each do |kind|
    context(kind.to_s) do
      {
        "uses the instance variable @factor" => proc { |n| emit [n * @factor, Ractor.current == Ractor.main] },
        "calls the method variable of its object" =>
          proc { |n| emit [n * variable(:factor), Ractor.current == Ractor.main] },
        "uses self" => proc { |n| emit [n * self.class.name.to_s.size.next * 3, Ractor.current == Ractor.main] }
      }.each do |reason, block|
        it "runs a block in threads that #{reason}, and says so once" do
          job = job_in(kind, factor: 3, &block)
          job.run
          expect(job.results).to contain_exactly([3, true], [6, true], [9, true])
          expect_threads(reason == "uses self" ? "calls the method class of its object" : reason)
        end
      end

      it "runs a block in threads that uses variables from outside" do
        factor = 3
        job = job_in(kind) { |n| emit n * factor }
        job.run
        expect(job.results).to contain_exactly(3, 6, 9)
        expect_threads("its block uses variables from outside (factor)")
      end

      it "warns again in the next run" do
        job = job_in(kind, factor: 1) { |n| emit n * @factor }
        2.times { job.run }
        expect(warnings.size).to eq(2)
      end

      it "runs a stage in threads that has hooks around its items" do
        job = job do
          producer(:source) { 3.times { |n| emit n } }
          before(:work) { @results << :before }

          Runs.within(self, kind) { |options| consumer(:work, options) { |_| nil } }
        end
        job.run
        expect(job.results).to eq(%i[before before before])
        expect_threads("it has a before or after hook")
      end

      it "runs a block in threads whose object has its own emit (contract 3.2)" do
        job = job_in(kind) { |n| emit n }
        job.define_singleton_method(:emit) { |n| Minigun.current.emit([:own, n]) }
        job.run
        # Twice, as the producer emits by it, too.
        expect(job.results).to match_array(Array.new(3) { |n| [:own, [:own, n + 1]] })
        expect_threads("calls the method emit of its object")
      end

      it "starts an item again in a thread when its block meets what no Ractor may touch" do
        job = job_in(kind) { |n| emit [n, Rates.table.fetch(:eur), Ractor.current == Ractor.main] }
        job.run
        expect(job.results).to contain_exactly([1, 1, true], [2, 1, true], [3, 1, true])
        expect(job.report.failed).to eq(0)
        expect([stats_of(job, :work).items_consumed, stats_of(job, :work).items_produced]).to eq([3, 3])
        expect_threads("its block raised #<Ractor::IsolationError")
      end

      it "does not start it again once it has emitted: the item failed" do
        job = job_in(kind) do |n|
          emit n
          Rates.table
        end
        job.run
        expect(job.results).to contain_exactly(1, 2, 3)
        expect(job.report.failures.map { |failure| failure.error.class }.uniq).to eq([Ractor::IsolationError])
        expect(job.report.failed).to be_between(1, 2)
        expect_threads("its block raised #<Ractor::IsolationError")
      end

      it "starts an item again in a thread when its block emits what cannot be copied" do
        job = job_in(kind) do |n|
          emit -> { n }
        rescue StandardError
          emit :rescued
        end
        job.run
        expect(job.results.map(&:call)).to contain_exactly(1, 2, 3)
        expect_threads("its block emits what cannot leave a Ractor")
      end

      it "reports what cannot be copied when something was emitted before, and goes on (contract 21.2)" do
        job = job_in(kind, [1]) do |n|
          emit n
          emit -> { n }
          emit n + 1
        end
        job.run
        expect(job.results).to contain_exactly(1, 2)
        expect(only_failure(job).error).to be_a(Minigun::SerializationError)
      end

      it "works on an item in a thread that cannot be copied, and on the others in Ractors" do
        lambda = -> { 5 }
        job = job_in(kind, [1, lambda, 3]) { |item| emit [item, Ractor.current == Ractor.main] }
        job.run
        expect(job.results).to contain_exactly([1, false], [lambda, true], [3, false])
        expect(warnings.size).to eq(1)
        expect(warnings.first).to include("[Stage:work] an item stays out of Ractors", "Proc")
      end

      it "runs in threads when the system has no room for a Ractor" do
        allow(Ractor).to receive(:new).and_raise(ThreadError, "can't create Thread")
        job = job_in(kind) { |n| emit n }
        job.run
        expect(job.results).to contain_exactly(1, 2, 3)
        expect_threads("no Ractor could be started (can't create Thread)")
      end

      it "runs in threads when another stage of the run forks, nested ones included" do
        job = job do
          producer(:source) { 3.times { |n| emit n } }
          Runs.within(self, kind) do |options|
            processor(:work, options) { |n| emit [n, Ractor.current == Ractor.main] }
            processor(:more, options) { |item| emit item }
          end
          pipeline(:inner) { processes(1) { processor(:forked) { |item| emit [*item, Process.pid] } } }
          consumer(:sink) { |item| @results << item }
        end
        job.run
        expect(job.results.map { |n, main, _| [n, main] }).to contain_exactly([0, true], [1, true], [2, true])
        expect(job.results.map(&:last)).not_to include(Process.pid)
        expect(warnings.size).to eq(1)
        expect(warnings.first).to include("stages in Ractors (:work, :more) run in threads", "stage :forked")
      end
    end
  end

  it "runs in threads beside another run that forks, in this process alone" do
    begun, done = Array.new(2) { gate }
    forking = job do
      producer(:source) { 2.times { |n| emit n } }
      process_per_batch(max: 1) do
        consumer(:forked) do |n|
          @results << [n, Minigun::Execution::Isolation.unavailable]
          begun.open
          done.wait
        end
      end
    end
    thread = Thread.new { forking.run }
    begun.wait
    beside = job_in(:ractors) { |n| emit [n, Ractor.current == Ractor.main] }
    beside.run
    context = Minigun::Execution.create_context(:ractor, "beside").execute { Ractor.current == Ractor.main }
    expect([beside.results.map(&:last).uniq, context.join]).to eq([[true], true])
    expect(warnings.first).to include("runs in threads, not in Ractors: stages in child processes run")
    done.open
    thread.join
    expect([forking.results, forking.report.failed]).to eq([[[0, nil], [1, nil]], 0])
    expect(Minigun::Execution::Isolation.unavailable).to be_nil
  ensure
    done.open
    thread.join
  end

  it "forks again and again beside Ractors that come and go, and none hangs (contract 21.6)", timeout: 200 do
    path = File.join(Processes::ROOT, "spec/scripts/ractors_then_forks.rb")
    result = run_script(path, ENV["LONG"] ? "200" : "20", deadline: 180)
    expect(result.stderr).to eq("")
    expect(JSON.parse(result.stdout.lines.last)).to include("refused" => 0, "wrong" => 0, "ractors" => 1)
  end
end
