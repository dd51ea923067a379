# frozen_string_literal: true

# The same as documented_scripts_spec.rb. Here: children and contexts.
RSpec.describe "documented scripts: children and contexts (contract 17)" do
  include_context "base set"

  it "run and perform, and the titles of processes (23)" do
    title = ->(pid) { File.read("/proc/#{pid}/cmdline").delete("\0").strip }
    klass = job_class(titles: []) do
      pipeline do
        producer(:src) { emit(1) }
        processes(1) { processor(:resize) { |i| (@titles << title[Process.pid]) && emit(i) } }
        process_per_batch(max: 1) { consumer(:"save all") { |i| @titles << title[Process.pid] if i } }
      end
    end
    jobs = [klass.new.tap(&:run), klass.new.tap(&:perform)]
    expect(jobs.map { |job| job.titles.sort }).to eq([["minigun:resize", "minigun:save all"]] * 2)
  end

  it "contexts and pools by hand, as a program (27, 28)" do
    result = run_script(<<~RUBY)
      require "minigun"
      Minigun::Execution.tap do |execution|
        %i[inline thread fork ractor].each do |type|
          puts "\#{type}: \#{execution.create_context(type, "t").execute { 6 * 7 }.join}"
        end
        begin
          execution.create_context(:fork, "bad").execute { raise "boom" }.join
        rescue => e
          puts "error: \#{e.message}"
        end
        pool = execution::ContextPool.new(type: :fork, max_size: 5)
        10.times { |i| pool.acquire.execute { i } }
        puts "active: \#{pool.active_count}, full: \#{pool.at_capacity?}, sum: \#{pool.join_all.sum}"
        pool = execution::ContextPool.new(type: :thread, max_size: 4)
        20.times { pool.acquire.execute { loop { sleep } } }
        pool.terminate_all
        puts "left: \#{pool.active_count}"
      end
    RUBY
    expect(result).to be_success, result.stderr
    expect(result.stdout.lines(chomp: true)).to eq(
      ["inline: 42", "thread: 42", "fork: 42", "ractor: 42", "error: boom", "active: 10, full: true, sum: 45",
       "left: 0"]
    )
  end

  it "variables and methods of the instance as sizes (31, 36)" do
    klass = job_class(sizes: []) do
      def initialize(workers:, size:)
        @sizes = []
        @workers = workers
        @size = size
      end

      pipeline do
        producer(:src) { 100.times { |i| emit(i) } }
        batch @size
        process_per_batch(max: @workers) { processor(:shrink) { |group| emit(group.first(group.size / 2)) } }
        processor(:flatten) { |group| group.each { |i| emit(i) } }
        batch doubled
        consumer(:count) { |group| @sizes << group.size }
      end

      def doubled = @size * 2
    end
    jobs = [[2, 20], [3, 50], [1, 100]].map { |workers, size| klass.new(workers: workers, size: size).tap(&:run) }
    expect(jobs.map(&:sizes)).to eq([[40, 10], [50], [50]])
    expect(klass._minigun_task.stages.keys).to eq(%i[src _batch_0 shrink flatten _batch_1 count])
  end

  it "all context blocks, named and nested ones, in one job (32, 34, 35, 38)" do
    job = run_job(pids: Hash.new { |hash, key| hash[key] = Set.new }, stats: Hash.new(0), results: []) do
      pipeline do
        execution_context :cpu, :processes, 2
        execution_context :io, :threads, 4
        producer(:urls) { 20.times { |i| emit(i) } }
        processor(:fetch, execution_context: :io) { |i| note(:fetch) && emit(i) }
        threads(3) do
          processor(:clean) { |i| note(:clean) && emit(i) }
          batch 5
          process_per_batch(max: 2) do
            processor(:parse) { |group| note(:parse) && (@stats[:parsed] += group.size) && emit(group) }
          end
          processor(:split) { |group| note(:split) && group.each { |i| emit(i) } }
        end
        processor(:crunch, execution_context: :cpu) { |i| note(:crunch) && emit(i * i) }
        thread_per_batch(max: 2) { consumer(:store) { |i| note(:store) && (@results << i) } }
      end

      def note(stage) = (@mutex ||= Mutex.new).synchronize { @pids[stage] << Process.pid }
    end
    expect(job.results.sort).to eq((0..19).map { |i| i * i })
    expect(job.stats).to eq(parsed: 20)
    here = Set[Process.pid]
    expect(job.pids.values_at(:fetch, :clean, :split, :store)).to all(eq(here))
    expect(job.pids[:parse].size).to eq(4)
    expect(job.pids[:crunch].size).to be_between(1, 2)
    expect(job.pids[:parse] | job.pids[:crunch]).not_to include(Process.pid)
  end

  it "extract, transform in an accumulator's block that emits, load in children (43)" do
    job = run_job(extracted: [], loaded: []) do
      pipeline do
        producer(:src) { 15.times { |i| emit(i) } }
        threads(3) do
          processor(:extract) do |i|
            next if i % 5 == 4

            (@extracted << i) && emit(i)
          end
        end
        accumulator(:transform, max_size: 6) { |group| group.each_slice(3) { |slice| emit(slice.map { |i| "r#{i}" }) } }
        process_per_batch(max: 2) { consumer(:load) { |rows| @loaded.concat(rows) } }
      end
    end
    expect(job.extracted.size).to eq(12)
    expect(job.loaded).to match_array(job.extracted.map { |i| "r#{i}" })
  end

  it "emit_to_stage to consumers in different contexts (45, 49)" do
    job = run_job(light: [], heavy: [], mailed: []) do
      pipeline do
        producer(:src) { 12.times { |i| emit(i) } }
        threads(2) { processor(:route) { |i| emit_to_stage(%i[light heavy mail][i % 3], i) } }
        consumer(:light) { |i| @light << i }
        processes(2) { consumer(:heavy) { |i| @heavy << [i, Process.pid] } }
        process_per_batch(max: 2) { consumer(:mail) { |i| @mailed << [i, Process.pid] } }
      end
    end
    expect(job.light.sort).to eq([0, 3, 6, 9])
    expect(job.heavy.map(&:first).sort).to eq([1, 4, 7, 10])
    expect(job.mailed.map(&:first).sort).to eq([2, 5, 8, 11])
    expect((job.heavy + job.mailed).map(&:last)).not_to include(Process.pid)
    expect(job.mailed.map(&:last).uniq.size).to eq(4)
  end

  it "process stages in a row, threads before and after: all counters come home (46, 47, 48)" do
    job = run_job(counts: Hash.new(0), pids: Set[], results: []) do
      pipeline do
        producer(:src) { 50.times { |i| emit(i) } }
        threads(5) { processor(:fetch) { |i| emit(i) } }
        processes(3) do
          %i[one two three].each do |name|
            processor(name) { |i| (@counts[name] += 1) && (@pids << Process.pid) && emit(i + 1) }
          end
        end
        threads(4) { consumer(:store) { |i| @results << i } }
      end
    end
    expect(job.counts).to eq(one: 50, two: 50, three: 50)
    expect(job.results.sort).to eq([*3..52])
    expect(job.pids.size).to be_between(3, 9)
    expect(job.pids).not_to include(Process.pid)
  end

  it "a thousand items of 100 bytes through process stages and batches, unchanged (50)" do
    job = run_job(rows: [], sizes: []) do
      pipeline do
        producer(:src) { 1_000.times { |i| emit([i, format("%05d", i) * 20]) } }
        4.times { |n| processes(2) { processor(:"step_#{n}") { |i, text| emit([i, text.reverse]) } } }
        accumulator(:group, max_size: 100)
        processes(2) { consumer(:keep) { |group| (@sizes << group.size) && @rows.concat(group) } }
      end
    end
    expect(job.sizes).to eq([100] * 10)
    expect(job.rows.sort).to eq(Array.new(1_000) { |i| [i, format("%05d", i) * 20] })
  end

  it "a class that is opened by two scripts of one process (32, 37)" do
    stub_const("SharedName", job_class(first: []) do
      pipeline do
        producer(:src) { emit(1) }
        consumer(:one) { |i| @first << i }
      end
    end)
    SharedName.class_exec do
      include Minigun::DSL

      attr_reader :second

      def initialize = @second = []

      pipeline do
        producer(:src) { 3.times { |i| emit(i) } }
        thread_per_batch(max: 2) { consumer(:two) { |i| @second << i } }
      end
    end
    job = SharedName.new.tap(&:run)
    expect(job.second.sort).to eq([0, 1, 2])
    expect(SharedName._minigun_task.stages.keys).to eq(%i[src two])
  end
end
