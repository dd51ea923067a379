# frozen_string_literal: true

# What holds for the first item holds for the thousandth, when the block has an object of its own.
RSpec.describe "a block that is called often" do
  include Runs

  include_context "nothing is left"

  # So many that the block is yielded to for most of them.
  let!(:many) { 3 * Minigun::Execution::BlockCalls::WARM_UP }

  # Runs the block as a stage that gets `items`.
  def work(items, kind = :inline, **variables, &block)
    job = job(**variables) do
      producer(:source) { items.each { |item| emit item } }
      Runs.within(self, kind, 2) { |options| processor(:work, options, &block) }
      consumer(:sink) { |item| @results << item }
    end
    job.run
    job
  end

  %i[inline threads].each do |kind|
    it "is yielded to in #{kind} from some number of items on, and leaves no trace (contract 10.2)" do
      seen = []
      ways = %w[warm_up each_by_yield each_by_exec]
      job = work(many.times, kind) { |n| emit(n.tap { seen.concat(caller_locations.map(&:base_label) & ways) }) }

      expect(seen.tally["each_by_yield"]).to be >= many - (2 * Minigun::Execution::BlockCalls::WARM_UP)
      expect(seen.uniq).to match_array(%w[warm_up each_by_yield])
      expect(job.results.sort).to eq([*0...many])
      expect(job.singleton_methods).to be_empty
      expect(job.report.stages[:work]).to include(consumed: many, produced: many, processed: many)
    end

    it "counts what it raises in #{kind}, item by item (contract 10.7)" do
      job = work(many.times, kind) { |n| n.odd? ? raise("no") : emit(n) }

      expect(job.report.stages[:work]).to include(accepted: many, processed: many / 2, failed: many / 2)
      expect(job.report.failures.map(&:item).first(3)).to eq(%w[1 3 5]) if kind == :inline
    end

    it "is ended by Thread.exit, one item after another, in #{kind} (reliability P1)" do
      last = many - 5
      job = work(many.times, kind) { |n| n > last ? Thread.exit : emit(n) }

      expect(job.report.stages[:work]).to include(accepted: many, processed: many - 4, failed: 4)
    end
  end

  it "may define methods, which are the object's own and nobody else's (contract 10.2)" do
    job = work(many.times) do |n|
      def helper(number) = number + 1
      emit helper(n)
    end

    expect(job.results).to eq([*1..many])
    expect(job.singleton_methods).to eq([:helper])
    expect(self).not_to respond_to(:helper)
    expect(job.class.method_defined?(:helper)).to be(false)
  end

  it "is ended for good by what is no StandardError (contract 10.7)" do
    last = many - 2
    expect { work(many.times) { |n| n == last ? raise(NotImplementedError, "later") : emit(n) } }
      .to raise_error(NotImplementedError)
  end

  it "gets nil, false and Arrays as they are (contract 10.2, 7.2)" do
    items = [nil, false, [1, 2], [], { a: 1 }] * many
    expect(work(items) { |item| emit item }.results).to eq(items)
  end

  it "sees instance variables, private methods and closures as ever (contract 3.5)" do
    sum = 0
    klass = class_of_jobs do
      count = many = 3 * Minigun::Execution::BlockCalls::WARM_UP
      producer(:source) { many.times { |n| emit n } }
      processor(:work) { |n| pass(n) && (sum += n) && (@count = @count.to_i + 1) }
      consumer(:sink) { |n| @results << n }
      after_run { @results << [@count, count] }
    end
    klass.class_eval { private def pass(item) = emit(item) || true }
    job = klass.new
    job.run

    expect(job.results.last).to eq([many, many])
    expect(sum).to eq((0...many).sum)
  end

  it "fails at return and break from nowhere as ever (contract 10.2)" do
    [proc { |n| n.zero? ? emit(n) : (return n) }, proc { |n| n.zero? ? emit(n) : (break n) }].each do |block|
      job = work(many.times, &block)

      expect(job.report.stages[:work]).to include(processed: 1, failed: many - 1)
      expect(job.report.failures.map { |failure| failure.error.class }.uniq).to eq([LocalJumpError])
    end
  end

  it "belongs to its own run, when two of a class go on at once (contract 3.4)" do
    meeting = Runs::Rendezvous.new(2, gate)
    klass = class_of_jobs do
      own = object_id
      many = 3 * Minigun::Execution::BlockCalls::WARM_UP
      producer(:source) { many.times { |n| emit n } }
      consumer(:work) do |n|
        meeting.meet if n == many - 1
        @results << own
      end
    end
    jobs = Array.new(2) { klass.new }
    jobs.map { |job| Thread.new { job.run } }.each(&:join)

    expect(jobs.map { |job| job.results.uniq.size }).to eq([1, 1])
    expect(jobs[0].results.first).not_to eq(jobs[1].results.first)
  end

  it "ends processes that it has forked and that come back from it, or raise (contract 10.1)" do
    last = many - 1
    statuses = []
    job = work(many.times) do |n|
      next emit(n) if n < last - 1

      pid = fork
      unless pid
        [$stdout, $stderr].each { |io| io.reopen(File::NULL) }
        n == last ? next : raise("in a child")
      end
      statuses << Process.wait2(pid).last.exitstatus
      emit n
    end

    expect(statuses).to eq([1, 1])
    expect(job.results).to eq([*0...many])
    expect(job.report.stages[:work]).to include(processed: many, failed: 0)
  end

  it "leaves the object as it is, which others may want to copy or marshal (contract 3.2)" do
    seen = []
    work(many.times) { |_n| seen |= singleton_class.instance_methods(false) }
    expect(seen).to be_empty
  end

  describe "and its emissions" do
    it "are refused when the block has returned, whatever the next items do (contract 20)" do
      position = many - 10
      answers = []
      work(many.times) do |n|
        @late = Runs.straggler(self) if n == position
        answers << @late.call if n == position + 1
        @late = Runs.straggler(self) if n == position + 2
        answers << @late.call if n == position + 5
      end

      expect(answers).to all(match(/\AMinigun::Error: emit called after.*:work/))
      expect(answers.size).to eq(2)
    end

    # Made of a Proc that is there: no thread takes less memory. Most blocks leave none, and allocate more.
    it "are refused to threads that many blocks have left behind, among others (contract 20)" do
      go = Thread::Queue.new
      left = []
      answers = []
      last = many - 2
      job = work(many.times) do |n|
        @late ||= proc do
          go.pop
          emit(:late)
        rescue Minigun::Error => e
          answers << e.message
        end
        (n % 5).zero? ? left << Thread.new(&@late) : Array.new(n % 7) { +"" }
        emit n
        go.close if n == last
        left.each(&:join) if n == last
      end

      expect(answers.size).to eq(left.size)
      expect(answers).to all(match(/emit called after.*:work/))
      expect(job.results).to eq([*0...many])
    end

    it "are refused by the scope of another item, also when it was only kept (contract 20)" do
      kept = nil
      refused = 0
      job = work(many.times) do |n|
        begin
          kept&.emit(n)
        rescue Minigun::Error
          refused += 1
        end
        kept = Minigun.current
      end

      expect(refused).to eq(many - 1)
      expect(job.results).to be_empty
    end

    [1, 3 * Minigun::Execution::BlockCalls::WARM_UP].each do |count|
      # By instance_exec and by yield.
      it "are refused while an on_failure hook of item #{count} runs, which may emit itself (contract 20)" do
        answers = []
        job = job do
          on_failure do |n|
            emit(-n)
            answers << @straggler.call
            @kept.emit(:kept)
          end
          producer(:source) { 1.upto(count + 1) { |n| emit n } }
          processor :work do |n|
            next emit(n) unless n == count

            @straggler = Runs.straggler(self)
            @kept = Minigun.current
            emit(0)
            raise "no"
          end
          consumer(:sink) { |item| @results << item }
        end
        job.run

        expect(job.results).to eq([*1...count, 0, -count, count + 1])
        expect(answers).to match([/\AMinigun::Error: emit called after.*:work/])
        expect(log_output).to match(/on_failure hook failed: emit called after.*:work/)
        expect(job.report.failures.map(&:delivered)).to eq([1])
      end
    end

    it "come from threads and fibers of the block, and from one that runs a block of its own (contract 10.2)" do
      job = work(many.times) do |n|
        collected = Minigun::Scope.collect { emit(-1) }
        Thread.new { emit n }.join
        Fiber.new { emit(collected) }.resume
      end

      expect(job.results).to eq((0...many).flat_map { |n| [n, [-1]] })
    end

    it "go to named stages, and unknown ones are logged (contract 10.7)" do
      job = work(many.times) { |n| emit_to_stage(n.zero? ? :nowhere : :sink, n) }

      expect(job.results).to eq([*1...many])
      expect(log_output.scan(/ERROR.*:nowhere/).size).to eq(1)
    end

    it "are refused in a process that the block has forked itself" do
      reader, writer = IO.pipe
      last = many - 1
      work(many.times) do |n|
        next if n < last

        pid = fork do
          emit n
        rescue Minigun::Error => e
          writer.write(e.message)
        ensure
          exit!(0)
        end
        Process.wait(pid)
      end
      writer.close

      expect(reader.read).to include("forked itself")
    ensure
      reader.close
    end
  end
end
