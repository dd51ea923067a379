# frozen_string_literal: true

RSpec.describe "state coming home from children (contract 21.1)" do
  include_context "base set"

  def warnings = log_output.lines.grep(/WARN/)

  # The stages get a context block around them.
  def self.each_context(&block)
    Jobs.forking.each do |name, within|
      context(name) { instance_exec(within, name, &block) }
    end
  end

  each_context do |within, name|
    it "brings home what blocks add, exactly as in threads" do
      body = lambda do |around|
        lambda do
          pipeline do
            producer(:rows) { 40.times { |i| emit i } }
            batch 5
            around.call(self) do
              consumer(:load) do |rows|
                @results << rows.first
                @results.concat(rows.drop(1))
                @stats[:parsed] += rows.size
                @stats[:pids] << Process.pid
                rows.each do |row|
                  @seen.add(row % 7)
                  (@by_type[row.even? ? :even : :odd] ||= []) << row
                end
                @deep[:a][:b][:c] << rows.sum
              end
            end
          end
        end
      end
      start = { results: [], stats: { parsed: 0, pids: Set[] }, seen: Set[], by_type: {},
                deep: { a: { b: { c: [] } } } }
      fresh = -> { Marshal.load(Marshal.dump(start)) }
      forked = run_job(fresh.call, &body.call(within))
      threaded = run_job(fresh.call, &body.call(->(dsl, &stages) { dsl.thread_per_batch(max: 2, &stages) }))

      expect(forked.results.sort).to eq([*0..39])
      expect(forked.stats[:parsed]).to eq(40)
      expect(forked.stats[:pids]).not_to include(Process.pid)
      # One child of a pool may be quick enough for all.
      expect(forked.stats[:pids].size).to be >= (name == "processes" ? 1 : 2)
      expect(threaded.stats[:pids]).to eq(Set[Process.pid])
      expect(forked.seen).to eq(threaded.seen).and eq(Set[*0..6])
      expect(forked.by_type.transform_values(&:sort)).to eq(threaded.by_type.transform_values(&:sort))
      expect(forked.deep[:a][:b][:c].sort).to eq(threaded.deep[:a][:b][:c].sort)
      expect(warnings).to be_empty
    end

    it "brings home what hooks in the child add" do
      job = run_job(log: Hash.new(0), pids: Set[]) do
        pipeline do
          producer(:items) { 6.times { |i| emit i } }
          within.call(self) { consumer(:work) { |i| @log["item #{i}"] += 1 } }
          before(:work) { @log[:before] += 1 }
          after(:work) { @log[:after] += 1 }

          after_fork { @log[:after_fork] += 1 }
          after_fork(:work) { @pids << Process.pid }
          before_exit { @log[:before_exit] += 1 }
          before_exit(:work) { @log[:before_exit_of_stage] += 1 }
        end
      end
      children = job.pids.size
      expect(children).to be >= 1
      expect(job.pids).not_to include(Process.pid)
      expect(job.log).to include(before: 6, after: 6, after_fork: children, before_exit: children,
                                 before_exit_of_stage: children)
      6.times { |i| expect(job.log["item #{i}"]).to eq(1) }
    end

    it "sums, joins and merges what several children add under a new key" do
      tree = Hash.new { |hash, key| hash[key] = Hash.new { |inner, name| inner[name] = Hash.new(0) } }
      job = run_job(counts: Hash.new(0), lists: {}, sets: {}, deep: {}, tree: tree) do
        pipeline do
          producer(:items) { 12.times { |i| emit i } }
          within.call(self) do
            consumer(:work) do |i|
              @counts[:n] += 1
              @counts[:share] += 0.5
              (@lists[:all] ||= []) << i
              (@sets[:all] ||= Set.new) << (i % 3)
              ((@deep[:x] ||= {})[:y] ||= { list: [], n: 0 }).then do |leaf|
                leaf[:list] << i
                leaf[:n] += i
              end
              @tree[i % 2][:leaf][:n] += 1
            end
          end
        end
      end
      expect(job.counts).to eq(n: 12, share: 6.0)
      expect(job.lists[:all].sort).to eq([*0..11])
      expect(job.sets).to eq(all: Set[0, 1, 2])
      expect(job.deep[:x][:y].merge(list: job.deep[:x][:y][:list].sort)).to eq(list: [*0..11], n: 66)
      expect(job.tree).to eq(0 => { leaf: { n: 6 } }, 1 => { leaf: { n: 6 } })
      expect(job.tree[:other][:leaf][:n]).to eq(0)
      expect(warnings).to be_empty
    end

    it "says once what is not merged: variable, stage, reason; nothing else is lost" do
      job = run_job(gone: [1, 2, 3], shuffled: [1, 2, 3], stats: { state: "new", n: 0 }, mixed: [], by: {}, kept: []) do
        pipeline do
          producer(:items) { 6.times { |i| emit i } }
          within.call(self) do
            consumer(:odd_one) do |i|
              @gone.pop
              @shuffled.reverse!
              @stats[:state] = "done"
              @stats[:n] += 1
              @mixed << i << -> { i } << $stdout << :ok
              (@by[:list] ||= []) << i << $stdin
              @kept << i
            end
          end
        end
      end
      expect(job.gone).to eq([1, 2, 3])
      expect(job.shuffled).to eq([1, 2, 3])
      expect(job.stats).to eq(state: "new", n: 6)
      expect(job.mixed.grep(Integer).sort).to eq([*0..5])
      expect(job.mixed.count(:ok)).to eq(6)
      expect(job.mixed.size).to eq(12)
      expect(job.by[:list].sort).to eq([*0..5])
      expect(job.kept.sort).to eq([*0..5])
      { "@gone" => "removed", "@shuffled" => "reordered", "@stats" => ":state was replaced", "@mixed" => "Proc",
        "@by" => "IO" }.each do |variable, reason|
        about = warnings.grep(/#{variable} /)
        expect(about.size).to eq(1), "#{variable}: #{about.inspect}"
        expect(about.first).to include("odd_one").and include(reason)
      end
      expect(warnings.size).to eq(5)
    end

    it "leaves reassigned variables in the child" do
      job = run_job(count: 1, rows: [:old], name: "parent", kept: []) do
        pipeline do
          producer(:items) { 3.times { |i| emit i } }
          within.call(self) do
            consumer(:work) do |i|
              @count += 1
              @rows += [i]
              @name = "child"
              @fresh = [i]
              @kept << i
            end
          end
        end
      end
      expect([job.count, job.rows, job.name, job.instance_variable_get(:@fresh)]).to eq([1, [:old], "parent", nil])
      expect(job.kept.sort).to eq([0, 1, 2])
    end

    it "merges a container that two variables hold once, and leaves frozen ones alone" do
      klass = job_class(frozen: [1].freeze, index: {}) do
        attr_reader :rows, :same

        pipeline do
          producer(:items) { 4.times { |i| emit i } }
          within.call(self) do
            consumer(:work) do |i|
              @same << i
              @lists[:a] << i
              @index[i] = @frozen.frozen?
            end
          end
        end
      end
      job = klass.new
      rows = []
      lists = { a: [] }.freeze
      { rows: rows, same: rows, lists: lists, frozen: [1].freeze }.each do |name, value|
        job.instance_variable_set(:"@#{name}", value)
      end
      job.run
      expect(job.rows.sort).to eq([0, 1, 2, 3])
      expect(job.same).to equal(rows)
      expect(lists[:a].sort).to eq([0, 1, 2, 3])
      expect(job.index).to eq([0, 1, 2, 3].to_h { |i| [i, true] })
      expect(warnings).to be_empty
    end

    it "brings home what an item added before its block raised, as a thread would have" do
      job = run_job(rows: []) do
        pipeline do
          producer(:items) { 4.times { |i| emit i } }
          within.call(self) do
            consumer(:work) do |i|
              @rows << i
              raise "odd" if i.odd?
            end
          end
        end
      end
      expect(job.rows.sort).to eq([0, 1, 2, 3])
      expect(job.report.failed).to eq(2)
    end

    it "costs what was added, not what is there" do
      sizes = Thread::Queue.new
      allow(Minigun::Execution::State::Merge).to receive(:apply).and_wrap_original do |original, *arguments|
        sizes << Marshal.dump(arguments.last).bytesize
        original.call(*arguments)
      end
      job = run_job(rows: Array.new(1_000_000) { |i| i }, index: (1..10_001).to_h { |i| [i, [i]] }) do
        pipeline do
          producer(:items) { 4.times { |i| emit i } }
          within.call(self) do
            consumer(:work) do |i|
              @rows << :new
              @index["key #{i}"] = i
              @index[1] << :lost_as_documented
            end
          end
        end
      end
      expect(job.rows.size).to eq(1_000_004)
      expect(job.rows.last(4)).to eq([:new] * 4)
      expect(job.index.keys.last(4).sort).to eq(["key 0", "key 1", "key 2", "key 3"])
      expect(job.index[1]).to eq([1])
      expect(Array.new(sizes.size) { sizes.pop }).to all(be < 100)
    end

    it "leaves nothing of an item whose child was killed halfway" do
      job = run_job(rows: [], stats: Hash.new(0), emitted: []) do
        pipeline do
          producer(:items) { 6.times { |i| emit i } }
          within.call(self) do
            processor(:work) do |i|
              @rows << i
              @stats[i] += 1
              @stats[:all] += 1
              Process.kill(:KILL, Process.pid) if i == 3
              emit i
            end
          end
          consumer(:collect) { |i| @emitted << i }
        end
      end
      expect(job.rows.sort).to eq([0, 1, 2, 4, 5])
      expect(job.stats).to eq(0 => 1, 1 => 1, 2 => 1, 4 => 1, 5 => 1, all: 5)
      expect(job.emitted.sort).to eq([0, 1, 2, 4, 5])
      expect(job.report.failures.map do |failure|
        [failure.stage, failure.item, failure.error.class, failure.error.signal]
      end)
        .to eq([[:work, "3", Minigun::WorkerDied, 9]])
    end
  end
end
