# frozen_string_literal: true

RSpec.describe "runs at the same time" do
  include Runs

  include_context "nothing is left"

  # A class whose runs use every sort of stage; what an instance emits is its own.
  def class_of_runs
    klass = class_of_jobs do
      producer(:source) { @numbers.each { |n| emit n } }
      threads(2) { processor(:one) { |n| emit n } }
      processes(1) { processor(:two) { |n| emit [n, @name] } }
      batch 3
      process_per_batch(max: 1) { consumer(:three) { |list| @results.concat(list) } }
    end
    klass.define_method(:initialize) do |name, numbers|
      @results = []
      @name = name
      @numbers = numbers
    end
    klass
  end

  def expect_own(job, name, numbers)
    expect(job.results.sort).to eq(numbers.map { |n| [n, name] })
    expect(job.report).to have_attributes(produced: numbers.size, failed: 0)
  end

  it "of two instances of a class do not mix (contract 13)" do
    klass = class_of_runs
    5.times do
      work = { a: (1..20).to_a, b: (5..9).to_a, c: [7] }
      jobs = work.map { |name, numbers| [klass.new(name, numbers), name, numbers] }
      counts = jobs.map { |job, *| Thread.new { job.run } }.map(&:value)

      expect(counts).to eq([20, 5, 1])
      jobs.each { |job, name, numbers| expect_own(job, name, numbers) }
    end
  end

  it "of two classes do not mix (contract 13)" do
    jobs = %i[a b].map { |name| [class_of_runs.new(name, (1..10).to_a), name] }
    jobs.map { |job, _| Thread.new { job.run } }.each(&:join)

    jobs.each { |job, name| expect_own(job, name, (1..10).to_a) }
  end

  it "of one task on two objects return each its own count (contract 5, 10.9)" do
    task = Minigun::Task.new
    task.add_stage(:producer, :source) { @numbers.each { |n| emit n } }
    task.define_pipeline(:inner, from: :source) { |inner| inner.add_stage(:processor, :twice) { |n| emit n * 2 } }
    task.add_stage(:consumer, :sink, from: :inner) { |n| @rows << n }
    all_started = rendezvous(3)
    task.add_hook(:before_run) { all_started.meet }
    objects = [30, 70, 5].map { |count| holder(numbers: (1..count).to_a, rows: []) }
    counts = objects.map { |object| Thread.new { task.run(object) } }.map(&:value)

    expect(counts).to eq([30, 70, 5])
    expect(objects.map { |object| object.instance_variable_get(:@rows).sum }).to eq([930, 4_970, 30])
  end

  it "have each its id in every line of the log, whatever is logged (contract 13, 14)" do
    klass = class_of_jobs do
      producer(:source) { 3.times { |n| emit n } }
      processes(1) do
        processor :work, from: :source do |n|
          @list.clear if n.zero?
          emit_to_stage :nowhere, n
          emit -> {}
          raise "no" if n == 1
        end
      end
      producer(:broken) { raise "broken" }
      before_exit(:work) { raise "late" }
      after_producer { raise "after" }
    end
    klass.define_method(:initialize) { @list = [1] }
    klass.pipeline(:outer, from: :work) { pipeline(:inner) { processor(:deep) { |n| n } } }
    Array.new(2) { Thread.new { klass.new.run } }.each(&:join)

    lines = log_output.lines.grep(/\A[A-Z], \[/)
    ids = lines.map { |line| line[/\[Job:\h{8}\]/] }
    expect(lines.zip(ids).select { |_, id| id.nil? }).to eq([])
    expect(ids.tally.values.uniq.size).to eq(1)
    expect(ids.uniq.size).to eq(2)
    ["item 1 failed", "unknown stage :nowhere", "@list is not merged", "emitted item was lost", "producer failed",
     "before_exit hook failed", "after_producer hook failed", "[Pipeline:inner]"].each do |text|
      expect(lines.grep(/#{Regexp.escape(text)}/).size).to be >= 2, text
    end
  end

  Runs::KINDS.each do |kind|
    it "inside a block of another run in #{kind} are runs of their own (contract 13)" do
      inner = class_of_jobs do
        producer(:source) { 4.times { |n| emit n } }
        processes(1) { processor(:work) { |n| emit [n, Process.pid] } }
        consumer(:sink) { |item| @results << item }
      end
      outer = job do
        producer(:source) { 3.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          processor :nest, options do |n|
            job = inner.new
            emit [n, job.run, job.results.map(&:first).sort]
            emit_to_stage :log, job.report.success?
          end
        end
        consumer(:sink) { |item| @results << item }
        consumer(:log, from: :sink) { |item| @results << item }
      end

      expect(outer.run).to eq(3)
      expect(outer.results).to match_array([0, 1, 2].map { |n| [n, 4, [0, 1, 2, 3]] } + ([true] * 3))
    end
  end

  describe "when a signal arrives" do
    def outcome_of(name, *arguments)
      result = run_script(File.expand_path("../scripts/#{name}.rb", __dir__), *arguments.map(&:to_s), deadline: 40)
      expect(result).to be_success, result.stderr
      JSON.parse(result.stdout.lines.last || "{}", symbolize_names: true)
    end

    %w[INT TERM QUIT].each do |name|
      it "#{name}: all end in order, then it is delivered once (contract 13)" do
        outcome = outcome_of(:signal_two_runs, name)

        expect(outcome).to include(counted: true, lost: 0, children: 0)
        # How many runs had been over: the last of them delivers it on its way out.
        expect(outcome.fetch(:handled)).to eq([2]).or eq([3])
      end
    end

    Runs::KINDS.each do |kind|
      it "those inside blocks in #{kind} are finished with their items (contract 13, design 4)" do
        expect(outcome_of(:signal_nested, kind)).to eq(handled: 1, cut: 0, lost: 0, failed: 0, children: 0)
      end
    end
  end

  it "that begin after the signal, while others finish, end at once (contract 13)" do
    begun = gate
    finish = gate
    arrived = Thread::Queue.new
    previous = Signal.trap("QUIT") { arrived << :delivered }
    first = job do
      producer(:source) { emit 1 }
      consumer(:sink) { |_| begun.open && finish.wait }
    end
    late = job { producer(:source) { loop { emit 1 } } }
    running = Thread.new { first.run }
    begun.wait
    Process.kill(:QUIT, Process.pid)
    eventually { log_output.include?("SIGQUIT: finishing") }

    expect(late.run).to eq(0)
    expect(arrived).to be_empty
    finish.open
    expect([running.value, arrived.pop]).to eq([1, :delivered])
  ensure
    Signal.trap("QUIT", previous || "DEFAULT")
  end
end
