# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun::DSL, "in scripts" do
  # Scripts print; what they print is of no interest here.
  around do |example|
    quietly { example.run }
  end

  def values(list, key)
    list.map { |entry| entry[key] }
  end

  describe "routes and data" do
    it "00: doubles ten numbers (contract 17)" do
      results = run_fixture(0, :FirstSteps).results
      expect(results.size).to eq(10)
      expect(results).to match_array((0..18).step(2))
    end

    it "01: follows the order of definition (contract 17)" do
      expect(run_fixture(1, :InARow).results.sort).to eq([12, 14, 16])
    end

    it "02: splits and meets (contract 17)" do
      job = run_fixture(2, :TwoWaysAndBack)
      expect(job.prices.sort).to eq([10, 20, 30, 40, 50])
      expect(job.weights.sort).to eq([1001, 1002, 1003, 1004, 1005])
      expect(job.merged.sort).to eq(job.prices.sort + job.weights.sort)
    end

    it "03: tells each member in three ways, the first one first (contract 17)" do
      job = run_fixture(3, :ThreeChannels)
      expect([job.letters, job.calls, job.pings].map(&:size)).to eq([3, 3, 3])
      expect(job.letters.first[:to]).to eq("Ada")
      expect(job.calls.first).to eq("555-1: hello")
    end

    it "04: splits on two levels (contract 17)" do
      job = run_fixture(4, :SortingOffice)
      expect(job.journal.sort).to eq([-2, 0, 3, 8, 40, 99])
      expect(job.accepted.sort).to eq([3, 8, 40, 99])
      expect(job.returned.sort).to eq([-2, 0])
      expect(job.light.sort).to eq([3, 8])
      expect(job.heavy.sort).to eq([40, 99])
    end

    it "05: hands on from pipeline to pipeline (contract 17)" do
      expect(run_fixture(5, :ChainOfPipelines).results.sort).to eq([2, 4, 6, 8, 10])
    end

    it "06: feeds two pipelines with everything (contract 17)" do
      job = run_fixture(6, :OneToTwoPipelines)
      expect([job.made, job.shaped, job.shipped, job.billed].map(&:size)).to eq([5, 5, 5, 5])
      expect(job.shaped.first).to include(:shape, :made_at)
    end

    it "07: keeps back what a check refuses (contract 17)" do
      job = run_fixture(7, :ChecksBetweenPipelines)
      expect([job.taken, job.refused, job.good].map(&:size)).to eq([10, 3, 7])
      expect(job.quick.size + job.thorough.size).to be >= 7
    end

    it "08: runs a pipeline that is a stage (contract 17)" do
      load_fixture(8)
      job = PipelineInside.new
      expect { job.run }.not_to raise_error
      expect(job.results.size).to be > 0
    end

    it "08: sends items through a pipeline that is a stage (contract 17)" do
      expect(run_fixture(8, :PipelineInside).results.sort).to eq([12, 14, 16, 18, 20])
    end

    it "10: fetches each page once (contract 17)" do
      job = run_fixture(10, :SiteWalker, %w[site/home site/news site/home site/news site/home])
      expect(job.pages.size).to eq(2)
      expect(job.processed.size).to eq(2)
      expect(job.links.size).to be > 0
      expect(job.pages.first.keys).to contain_exactly(:address, :title, :links)
    end

    it "12: spreads rows over two parameters and returns what was produced (contract 17)" do
      load_fixture(12)
      job = RecordPublisher.new
      expect(job.run).to eq(20)
      expect(values(job.published, :id).sort).to eq((1..20).to_a)
      expect(job.count).to eq(20)
    end

    it "13: has its settings before any run (contract 17)" do
      load_fixture(13)
      config = Settings._minigun_task.config
      expect(config[:max_threads]).to eq(10)
      expect(config[:max_processes]).to eq(4)
      expect(config[:max_retries]).to eq(5)
    end

    it "13: filters (contract 17)" do
      results = run_fixture(13, :Settings).results
      expect(results.size).to eq(18)
      expect(results).to include(0, 9, 19)
      expect(results).not_to include(3, 12)
    end

    it "14: takes its number of items from the constructor (contract 17)" do
      expect(run_fixture(14, :ManyItems, 100).results.uniq.sort).to eq((0..99).to_a)
    end

    it "15: extracts, transforms and loads (contract 17)" do
      job = run_fixture(15, :ExtractLoad)
      expect([job.extracted, job.transformed, job.loaded].map(&:size)).to eq([5, 5, 5])
      expect(values(job.loaded, :loaded)).to all(be(true))
    end

    it "16: adds the routes that are not given (contract 17)" do
      job = run_fixture(16, :SomeRoutesGiven)
      expect(job.direct.sort).to eq([1, 2, 3])
      expect(job.detour.sort).to eq([1, 2, 3])
      expect(job.results.sort).to eq([-53, -52, -51, 100, 200, 300])
    end

    it "22: changes routes in subclasses (contract 17)" do
      load_fixture(22)
      results = [BaseRoute, ShortRoute, LongRoute].map { |route| route.new.tap(&:run).results.sort }
      expect(results).to eq([[10, 20, 30], [1, 2, 3], [11, 21, 31]])
    end

    it "23: runs with and without the runner (contract 17)" do
      load_fixture(23)
      runs = %i[run perform].map { |way| WithAndWithoutRunner.new.tap(&way).seen.map(&:first).sort }
      expect(runs).to eq([[[0, 1], [2, 3]]] * 2)
    end

    it "24: finds the slow stage (contract 17)" do
      job = run_fixture(24, :WhereTimeGoes)
      stats = job.class._minigun_task.root_pipeline.stats
      expect(stats.bottleneck.stage_name).to eq(:slow)
      expect([stats.total_produced, stats.total_consumed, job.results.size]).to eq([20, 20, 20])
      expect(stats.throughput).to be > 0
      expect(stats.stages_in_order.map(&:stage_name)).to eq(%i[quick slow list])
    end

    it "25: merges three producers (contract 17)" do
      expect(run_fixture(25, :ThreeSources).results)
        .to contain_exactly("bird: crow", "bird: wren", "tree: oak", "tree: elm", "tree: fir", "stone: flint")
    end

    it "26: gives a pipeline its own producer besides what arrives (contract 17)" do
      expect(run_fixture(26, :SourcesInBoth).results)
        .to match_array(Array.new(3) { |n| "first #{n}!" } + Array.new(4) { |n| "second #{n}" })
    end

    it "39: deals in turn (contract 17)" do
      served = run_fixture(39, :RoundRobin).served
      expect(served.keys).to contain_exactly(:server0, :server1, :server2)
      expect(served.values).to eq([5, 5, 5])
    end

    it "40: takes two paths (contract 17)" do
      paths = run_fixture(40, :Priorities).paths
      expect(paths.keys).to contain_exactly(:short, :long)
      expect(paths.values.sum).to eq(10)
    end

    it "41: classifies (contract 17)" do
      counts = run_fixture(41, :Kinds).counts
      expect(counts.values.sum).to eq(25)
      expect(counts.size).to be >= 3
    end

    it "44: gathers by kind (contract 17)" do
      sent = run_fixture(44, :BatchesByKind).sent
      expect(sent).to eq(single: 20, bulk: 10)
    end

    it "44: gathers with a Set nobody has required (contract 17)" do
      job = run_fixture(44, :BatchesWithAccounts)
      expect(job.batches.size).to eq(3)
      expect(job.mails).to eq((0..11).to_a)
      expect(job.kinds).to eq(Set[:even, :odd])
    end
  end

  describe "hooks and children" do
    after { @job.cleanup if @job.respond_to?(:cleanup) }

    def job(...)
      @job = run_fixture(...)
    end

    it "09: goes on when batches go to children and to threads (contract 17)" do
      expect { job(9, :BatchesTwoWays) }.not_to raise_error
      expect(@job.from_children.size).to be > 0
    end

    it "09: gives each of both everything (contract 17)" do
      job(9, :BatchesTwoWays)
      expect(@job.from_children.sort).to eq((1..10).to_a)
      expect(@job.from_threads.sort).to eq((1..10).to_a)
    end

    it "11: has hooks around the run (contract 17)" do
      job(11, :RunHooks)
      expect(@job.events).to eq(%i[opened closed])
      expect(@job.results.sort).to eq([10, 20, 30, 40, 50])
    end

    it "17: closes before a fork and opens in the child (contract 17)" do
      job(17, :ConnectionHooks)
      expect(@job.results.sort).to eq((1..10).to_a)
      expect(@job.events).to include("opened", "closed for a fork", "closed at last", "reopened in the child")
      expect(@job.events.count("closed for a fork")).to eq(2)
    end

    it "18: opens and closes by hooks (contract 17)" do
      job(18, :Resources)
      expect(@job.results).to match_array(Array.new(10) { |n| n.to_s * 2 })
      expect(@job.events).to include(:file_open, :file_close, :converter_init, :converter_shutdown)
      expect(@job.events).to include(:before_fork, :after_fork)
    end

    it "19: counts by hooks (contract 17)" do
      stats = job(19, :Figures).stats
      expect(stats).to include(produced: 100, passed: 90, failed: 10, forks_created: 4)
      expect(stats[:duration]).to be > 0
      expect(stats[:child_pids]).not_to be_empty
      expect(stats[:child_pids]).not_to include(Process.pid)
    end

    it "20: catches errors in the stages (contract 17)" do
      job(20, :Mending)
      expect(@job.results.size).to eq(9)
      expect(values(@job.errors, :visit)).to eq([3, 7, 11])
      expect(@job.errors.first.keys).to contain_exactly(:visit, :message)
      expect(@job.retry_counts).not_to be_empty
    end

    it "21: takes hooks as options (contract 17)" do
      job(21, :HooksInOptions)
      expect(@job.results.sort).to eq((2..18).step(2).to_a)
      expect(@job.hook_events.first(2)).to eq(%i[half before_fork]).or eq(%i[half ninth])
      expect(@job.hook_events).to include(:ninth, :before_fork, :after_fork)
      expect(@job.timer.values_at(:start, :end)).to all(be_a(Time))
    end

    it "43: emits in the block of an accumulator (contract 17)" do
      job(43, :BatchesThatEmit)
      expect(@job.extracted.size).to eq(12)
      expect(@job.transformed.size).to be > 0
      expect(@job.loaded.flatten.sort).to eq(@job.transformed.sort)
    end

    it "45: sends into all contexts (contract 17)" do
      job(45, :TargetsEverywhere)
      expect([@job.inline, @job.threaded.sort, @job.forked.sort]).to eq([[0, 3, 6], [1, 4, 7], [2, 5, 8]])
    end

    it "46: has a pool of processes between two stages (contract 17)" do
      job(46, :OnePoolOfProcesses)
      expect(values(@job.results, :square).sort).to eq(Array.new(100) { |n| n * n })
      expect(values(@job.results, :pid)).not_to include(Process.pid)
    end

    it "47: counts in three pools of processes (contract 17)" do
      job(47, :PoolsInARow)
      expect(@job.results.sort).to eq(Array.new(50) { |n| -3 * (n + 1) }.sort)
      expect(@job.counters).to eq(add: 50, scale: 50, negate: 50)
    end

    it "48: counts in threads, processes and threads (contract 17)" do
      job(48, :ThreadsAndProcesses)
      expect(@job.results.sort).to eq(Array.new(30) { |n| (n + 100)**2 })
      expect(@job.counts).to eq(load: 30, compute: 30, store: 30)
    end

    it "49: sends to pools of processes (contract 17)" do
      job(49, :RouterToProcesses)
      expect(@job.saved.sort).to eq(Array.new(40) { |n| [n.even? ? :even : :odd, n] }.sort)
    end

    it "50: keeps larger items intact (contract 17)" do
      job(50, :LargerItems, 300)
      expect(@job.sizes.sort).to eq(Array.new(300) { |n| [n, 100] })
    end
  end

  # These execute pipelines when they are loaded.
  describe "scripts that run when loaded" do
    it "32: uses all contexts (contract 17)" do
      load_fixture(32)
      expect(PoolOfThreads.new.tap(&:run).results.size).to be > 0
    end

    it "33: fetches slow pages (contract 17)" do
      expect(run_fixture(33, :SlowPages).pages.size).to be > 0
    end

    it "34: names contexts (contract 17)" do
      expect(values(run_fixture(34, :ContextsWithNames).results, :square).sort).to eq(Array.new(100) { |n| n**2 })
    end

    it "35: puts contexts into contexts (contract 17)" do
      expect(run_fixture(35, :ThreadsAroundProcesses).results.sort).to eq(Array.new(20) { |n| (n + 1)**2 })
    end

    it "36: forks for each batch of a thousand items (contract 0, 17)" do
      job = run_fixture(36, :BatchesInProcesses)
      expect([job.batches_counted, job.items_counted]).to eq([10, 1000])
    end

    it "37: reopens a class of another script (contract 3.7, 17)" do
      expect(run_fixture(37, :PerBatchThreads).list.size).to be >= 0
    end

    it "38: counts in the parent what children parse (contract 10.3, 17)" do
      job = run_fixture(38, :SettingsByKeyword, threads: 3, size: 20)
      expect(job.stats[:parsed]).to be > 0
      expect(job.results.sort).to eq((0..199).to_a)
    end

    it "32 and 37: whichever was loaded last holds (contract 3.7)" do
      [[32, :results, 3], [37, :list, 3], [32, :results, 3]].each do |number, list, size|
        load_fixture(number)
        expect(PerBatchThreads.new.tap(&:run).public_send(list).size).to eq(size)
      end
    end
  end

  describe "scripts started by themselves" do
    def expect_to_print(number, *titles)
      output = `#{RbConfig.ruby} #{fixture_path(number)} 2>&1`
      expect($?.exitstatus).to eq(0)
      expect(output).to include(*titles)
    end

    it "27: uses contexts (contract 1.2, 17)" do
      expect_to_print(27, "== Inline ==", "== Fork ==", "another process", "== Several ==", "[0, 1, 2, 3]")
    end

    it "28: uses pools (contract 1.2, 17)" do
      expect_to_print(28, "-- Threads --", "-- Terminate all --", "-- More than it holds --", "190")
    end

    it "12, 15, 19, 20 and 44: find the libraries that they do not require (contract 1.3)" do
      result = run_script(<<~RUBY, deadline: CompatibilityHelper::LIMIT)
        [12, 15, 19, 20, 44].each { |number| load Dir["#{CompatibilityHelper::FIXTURES}/\#{number}_*.rb"].first }
        Minigun.logger.level = Logger::ERROR
        jobs = [RecordPublisher, ExtractLoad, Figures, Mending, BatchesWithAccounts].map(&:new).each(&:run)
        puts jobs[0].published.size, jobs[1].loaded.size, jobs[2].stats[:child_pids].size,
             jobs[3].results.size, jobs[4].kinds.size
      RUBY
      expect(result.stdout.split).to eq(%w[20 5 4 9 2])
      expect(result.stderr).to eq("")
    end

    it "31: takes sizes from the instance (contract 1.2, 17)" do
      expect_to_print(31, "variables: SizesOfVariables", "methods: [2, 5]", "[6, 17, 22]", "[2, 2, 2, 2, 2]")
    end
  end

  describe "all together" do
    let(:paths) { Dir[File.join(CompatibilityHelper::FIXTURES, "*.rb")] }

    # 1.1 s are slept in the scripts, and 45 children are forked.
    it "are syntactically valid and load in one process, in any order (contract 0, 3.7)" do
      paths.shuffle.each do |path|
        expect { load path }.not_to raise_error
      end
    end

    it "load again without piling up stages (contract 3.7)" do
      2.times { [22, 13, 9].each { |number| load_fixture(number) } }
      expect(LongRoute.new.tap(&:run).results.sort).to eq([11, 21, 31])
      expect(LongRoute._minigun_task.root_pipeline.stages.keys).to eq(%i[origin bridge goal tunnel])
      expect(Settings.new.tap(&:run).results.size).to eq(18)
    end

    it "each have an example here (contract 17)" do
      own = File.read(__FILE__).scan(/(?:job|run_fixture|load_fixture|expect_to_print)\((\d+)/).flatten.map(&:to_i)
      expect(paths.map { |path| File.basename(path)[0, 2].to_i } - own).to be_empty
      expect(paths.size).to eq(48)
    end
  end
end
