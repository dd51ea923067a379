# frozen_string_literal: true

# Small scripts in the style of the documentation, with the exact results that they are known for.
# Each names its kind by the number of contract 17. Here: routing, data and errors.
RSpec.describe "documented scripts: routing and data (contract 17)" do
  include_context "base set"

  it "quick start: producer, processor, consumer (00, 01)" do
    job = run_job(results: []) do
      max_threads 3
      pipeline do
        producer(:generate) { 10.times { |i| emit(i) } }
        processor(:double) { |number| emit(number * 2) }
        consumer(:store) { |number| @results << number }
      end
    end
    expect(job.results).to eq([0, 2, 4, 6, 8, 10, 12, 14, 16, 18])
  end

  it "a diamond (02)" do
    job = run_job(left: [], right: [], merged: []) do
      pipeline do
        producer(:orders, to: %i[price stock]) { (1..5).each { |id| emit(id) } }
        processor(:price, to: :merge) { |id| (@left << (id * 100)) && emit([:price, id]) }
        processor(:stock, to: :merge) { |id| (@right << (id + 7)) && emit([:stock, id]) }
        consumer(:merge) { |pair| @merged << pair }
      end
    end
    expect([job.left, job.right]).to eq([[100, 200, 300, 400, 500], [8, 9, 10, 11, 12]])
    expect(job.merged).to match_array(%i[price stock].product([*1..5]))
  end

  it "a fan-out to three consumers, the first item first (03)" do
    job = run_job(emails: [], texts: [], pushes: []) do
      pipeline do
        producer(:users, to: %i[email sms push]) { %w[ann bob cyd].each { |name| emit({ name: name }) } }
        consumer(:email) { |user| @emails << "#{user[:name]}@example.org" }
        consumer(:sms) { |user| @texts << "hi #{user[:name]}" }
        consumer(:push) { |user| @pushes << user[:name].upcase }
      end
    end
    expect([job.emails.first, job.texts.first]).to eq(["ann@example.org", "hi ann"])
    expect([job.emails, job.texts, job.pushes].map(&:size)).to eq([3, 3, 3])
  end

  it "two levels of splits, with filters (04)" do
    job = run_job(all: [], valid: [], bad: [], small: [], large: []) do
      pipeline do
        producer(:amounts, to: %i[validate log]) { [5, -1, 50, 500, -7].each { |n| emit(n) } }
        processor(:validate, to: %i[good reject]) { |n| emit(n) }
        consumer(:log) { |n| @all << n }
        processor(:good, to: %i[low high]) { |n| next unless n.positive? && (@valid << n) && emit(n) }
        consumer(:reject) { |n| @bad << n if n.negative? }
        consumer(:low) { |n| @small << n if n < 100 }
        consumer(:high) { |n| @large << n if n >= 100 }
      end
    end
    lists = [job.all, job.valid, job.bad, job.small, job.large].map(&:sort)
    expect(lists).to eq([[-7, -1, 5, 50, 500], [5, 50, 500], [-7, -1], [5, 50], [500]])
  end

  it "three named pipelines in a chain (05)" do
    job = run_job(results: []) do
      pipeline(:read, to: :work) { producer(:numbers) { (1..5).each { |i| emit(i) } } }
      pipeline(:work, to: :write) { processor(:double) { |i| emit(i * 2) } }
      pipeline(:write) { consumer(:save) { |i| @results << i } }
    end
    expect(job.results.sort).to eq([2, 4, 6, 8, 10])
  end

  it "named pipelines that validate, with hooks inside (07)" do
    job = run_job(seen: [], invalid: [], fast: [], slow: [], hooks: []) do
      pipeline(:ingest, to: :validate) do
        before_run { @hooks << :ingest }
        producer(:rows) { (1..10).each { |id| emit({ id: id, ok: id % 3 != 0 }) } }
      end
      pipeline(:validate, to: %i[fast slow]) do
        before_run { @hooks << :validate }
        processor(:check) do |row|
          @seen << row[:id]
          row[:ok] ? emit(row) : @invalid << row[:id]
        end
      end
      pipeline(:fast) { consumer(:take) { |row| @fast << row[:id] if row[:id].even? } }
      pipeline(:slow) { consumer(:take) { |row| @slow << row[:id] if row[:id].odd? } }
    end
    expect([job.seen.sort, job.invalid.sort]).to eq([[*1..10], [3, 6, 9]])
    expect([job.fast.sort, job.slow.sort]).to eq([[2, 4, 8, 10], [1, 5, 7]])
    expect(job.hooks).to contain_exactly(:ingest, :validate)
  end

  it "a crawler: threads, dedup under a lock, next, private helpers (10)" do
    job = run_job(pages: [], links: []) do
      pipeline do
        producer(:seeds) { %w[/a /b /a /c /b].each { |path| emit(path) } }
        threads(20) do
          processor(:fetch) do |path|
            next unless first_time?(path)

            emit(fetch(path))
          end
        end
        processor(:extract) { |page| @links.concat(page[:links]) && emit(page) }
        consumer(:store) { |page| @pages << page }
      end

      private

      def first_time?(path) = lock.synchronize { !seen.include?(path) && (seen << path) }
      def fetch(path) = { url: path, title: path.delete("/").upcase, links: ["#{path}/1", "#{path}/2"] }
      def lock = (@lock ||= Mutex.new)
      def seen = (@seen ||= Set.new)
    end
    expect(job.pages.map { |page| page[:title] }.sort).to eq(%w[A B C])
    expect(job.links.size).to eq(6)
    expect(job.pages.first.keys).to eq(%i[url title links])
  end

  it "Array items spread over two parameters, and the standard libraries that are there (12, 15, 19, 20, 44)" do
    job = run_job(rows: [], times: []) do
      pipeline do
        producer(:rows) { (1..20).each { |id| emit([{ name: "row #{id}" }.to_json, id]) } }
        processor(:enrich) { |json, id| emit([JSON.parse(json).merge("at" => Time.at(id).utc.iso8601), id]) }
        consumer(:publish) { |row, id| (@rows << id) && (@times << Set[row["at"], row["name"]]) }
      end
    end
    expect(job.report.produced).to eq(20)
    expect(job.rows).to eq([*1..20])
    expect(job.times.first).to eq(Set["1970-01-01T00:00:01Z", "row 1"])
  end

  it "class macros and a filter (13)" do
    klass = job_class(results: []) do
      max_threads 10
      max_processes 4
      max_retries 5
      pipeline do
        producer(:numbers) { (1..20).each { |i| emit(i) } }
        processor(:keep) { |i| emit(i) unless [7, 13].include?(i) }
        consumer(:store) { |i| @results << i }
      end
    end
    expect(klass._minigun_task.config).to include(max_threads: 10, max_processes: 4, max_retries: 5)
    job = klass.new.tap(&:run)
    expect(job.results).to eq([*1..20] - [7, 13])
  end

  it "explicit and default routing mixed (16)" do
    job = run_job(a: [], b: [], c: []) do
      pipeline do
        producer(:src, to: %i[left right]) { 4.times { |i| emit(i) } }
        processor(:left, to: :end) { |i| (@a << i) && emit(i + 100) }
        processor(:right) { |i| (@b << i) && emit(i + 200) }
        processor(:more, to: :end) { |i| emit(i + 1000) }
        consumer(:end) { |i| @c << i }
      end
    end
    expect([job.a, job.b]).to eq([[0, 1, 2, 3]] * 2)
    expect(job.c.sort).to eq([100, 101, 102, 103, 1200, 1201, 1202, 1203])
  end

  it "rescue inside stages, and counters without a lock (20)" do
    job = run_job(results: [], errors: [], retries: Hash.new(0)) do
      pipeline do
        producer(:inputs) { ["1", "x", "3", "", "5"].each { |text| emit(text) } }
        processor :parse do |text|
          emit(Integer(text))
        rescue ArgumentError => e
          @retries[text] += 1
          retry if @retries[text] < 3
          @errors << { input: text, message: e.message }
        end
        consumer(:store) { |number| @results << number }
      end
    end
    expect(job.results).to eq([1, 3, 5])
    expect(job.retries).to eq("x" => 3, "" => 3)
    expect(job.errors.map { |error| error[:input] }).to eq(["x", ""])
  end

  it "statistics: the slow stage in the middle is the bottleneck (24)" do
    job = run_job do
      pipeline do
        producer(:src) { 20.times { |i| emit(i) } }
        processor(:slow) { |i| 4.times { IO.select(nil, nil, nil, 0.001) } && emit(i) }
        consumer(:sink) { |i| i }
      end
    end
    stats = job.class._minigun_task.root_pipeline.stats
    expect([stats.total_produced, stats.total_consumed]).to eq([20, 20])
    expect(stats.stages_in_order.map(&:stage_name)).to eq(%i[src slow sink])
    expect(stats.bottleneck.stage_name).to eq(:slow)
    expect(stats.throughput).to be > 0
  end

  it "three producers into one chain, counted apart (25)" do
    job = run_job(rows: []) do
      pipeline do
        producer(:api) { 4.times { |i| emit([:api, i]) } }
        producer(:file) { 3.times { |i| emit([:file, i]) } }
        producer(:broken) { emit([:broken, 0]) && raise("gone") }
        processor(:tag) { |pair| emit(pair) }
        consumer(:store) { |pair| @rows << pair }
      end
    end
    expect(job.rows.map(&:first).tally).to eq(api: 4, file: 3, broken: 1)
    expect(job.rows.group_by(&:first)[:api].map(&:last)).to eq([0, 1, 2, 3])
    expect(job.report.stages.slice(:api, :file, :broken).transform_values { |counts| counts[:produced] })
      .to eq(api: 4, file: 3, broken: 1)
  end

  it "two named pipelines, the second with producers of its own too (26)" do
    job = run_job(rows: []) do
      pipeline(:first, to: :second) { producer(:src) { 3.times { |i| emit([:first, i]) } } }
      pipeline(:second) do
        producer(:own) { 4.times { |i| emit([:own, i]) } }
        consumer(:collect) { |pair| @rows << pair }
      end
    end
    expect(job.rows.map(&:first).tally).to eq(first: 3, own: 4)
  end

  it "a round robin over workers (39), by priority (40), by kind in batches (41)" do
    job = run_job(servers: Hash.new(0), paths: Hash.new(0), kinds: Hash.new(0)) do
      pipeline do
        producer(:requests) { 15.times { |i| emit(i) } }
        processor(:assign) { |i| emit([i, @turn = ((@turn || -1) + 1) % 3]) }
        threads(3) { processor(:serve) { |i, server| count(:@servers, server) && emit(i) } }
        processor(:rank) { |i| emit_to_stage(i % 5 == 0 ? :express : :normal, i) }
        processor(:express, to: :group) { |i| count(:@paths, :express) && emit(i) }
        processor(:normal, to: :group) { |i| count(:@paths, :normal) && emit(i) }
        accumulator(:group, max_size: 5)
        consumer(:classify) { |group| group.each { |i| @kinds[%i[a b c][i % 3]] += 1 } }
      end

      def count(name, key) = (@lock ||= Mutex.new).synchronize { instance_variable_get(name)[key] += 1 }
    end
    expect(job.servers).to eq(0 => 5, 1 => 5, 2 => 5)
    expect(job.paths).to eq(express: 3, normal: 12)
    expect(job.kinds).to eq(a: 5, b: 5, c: 5)
  end

  it "batches by hand with emit_to_stage (44)" do
    job = run_job(sent: [], kinds: Set[]) do
      pipeline do
        producer(:mails) { 11.times { |i| emit({ id: i, kind: %i[news bill][i % 2] }) } }
        stage :gather do |mail|
          return if mail.nil?

          group = ((@groups ||= {})[mail[:kind]] ||= [])
          group << mail[:id]
          next if group.size < 3

          emit_to_stage(:send, [mail[:kind], group.shift(3)])
        end
        consumer(:send) { |kind, ids| (@kinds << kind) && (@sent << ids) }
      end
    end
    expect(job.sent).to eq([[0, 2, 4], [1, 3, 5], [6, 8, 10]])
    expect(job.kinds).to eq(Set[:news, :bill])
  end
end
