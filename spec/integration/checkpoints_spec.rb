# frozen_string_literal: true

require "tmpdir"

RSpec.describe "checkpoints (issue 6, 8)" do
  include Runs

  include_context "nothing is left"

  # At each call everything before the cursor has to be in the results, or never to get there.
  def expect_truth(job, dropped = [])
    job.variable(:cursors).each { |cursor, seen| expect((0...cursor).to_a - seen - dropped).to eq([]) }
    cursors = job.variable(:cursors).map(&:first)
    expect(cursors).to eq(cursors.uniq.sort)
  end

  (Runs::KINDS + %i[ractors]).each do |kind|
    it "tell what is finished, whatever overtakes whatever, in #{kind}" do
      count = kind.to_s.end_with?("process_per_batch") ? 24 : 120
      job = job(cursors: []) do
        producer :source, from: 0...count
        Runs.within(self, kind, 3) { |options| processor(:one, options) { |n| (n % 10) == 3 ? raise("no") : emit(n) } }
        batch 4, by: :odd?
        Runs.within(self, kind, 3) do |options|
          processor(:two, options) { |list| list.each { |n| emit n if n % 10 != 5 } }
        end
        accumulator(:three, max_size: 3) { |list| list }
        consumer(:sink) { |list| @results.concat(list) }
        checkpoint(every: 10) { |cursor| @cursors << [cursor, @results.dup] }
      end
      job.run

      dropped = (0...count).select { |n| [3, 5].include?(n % 10) }
      expect(job.results.sort).to eq((0...count).to_a - dropped)
      expect_truth(job, dropped)
      expect(job.variable(:cursors).last.first).to eq(count)
    end

    it "are where a run goes on, in #{kind}" do
      job = job do
        producer(:source) { 20.times { |n| emit n } }
        Runs.within(self, kind) { |options| processor(:work, options) { |n| emit n } }
        consumer(:sink) { |n| @results << n }
      end

      expect(job.run(resume_from: 15)).to eq(5)
      expect(job.results.sort).to eq([15, 16, 17, 18, 19])
    end
  end

  %i[threads thread_per_batch processes process_per_batch].each do |kind|
    it "wait for the slowest item in #{kind}" do
      others = gate
      job = job(cursors: []) do
        producer :source, from: 0...8
        Runs.within(self, kind, 2) do |options|
          processor :work, options do |n|
            others.wait if n.zero?
            emit n
          end
        end
        consumer :sink do |n|
          @results << n
          others.open if @results.size == 7
        end
        checkpoint(every: 1) { |cursor| @cursors << [cursor, @results.dup] }
      end
      job.run

      expect(job.results.last).to eq(0)
      expect_truth(job)
      expect(job.variable(:cursors).map(&:last)).to all(include(0))
      expect(job.variable(:cursors).last.first).to eq(8)
    end
  end

  it "know what an ordered stage holds back" do
    job = job(cursors: []) do
      producer :source, from: 0...60
      threads(4) { processor(:work, ordered: true) { |n| Thread.new { emit n }.join unless n % 10 == 3 } }
      batch 4, by: :odd?
      consumer(:sink) { |list| @results.concat(list) }
      checkpoint(every: 5) { |cursor| @cursors << [cursor, @results.dup] }
    end
    job.run

    expect_truth(job, (0...60).select { |n| n % 10 == 3 })
    expect(job.variable(:cursors).last.first).to eq(60)
  end

  it "call every so many items, and at the end" do
    job = job(cursors: []) do
      producer :source, from: 0...25
      consumer(:sink) { |n| n }
      checkpoint(every: 10) { |cursor| @cursors << cursor }
    end
    job.run
    expect(job.variable(:cursors)).to eq([10, 20, 25])
  end

  it "go on counting where the earlier run was" do
    job = job(cursors: []) do
      producer :source, from: 0...25
      consumer(:sink) { |n| @results << n }
      checkpoint(every: 10) { |cursor| @cursors << cursor }
    end
    job.run(resume_from: 12)
    expect([job.variable(:cursors), job.results]).to eq([[22, 25], (12...25).to_a])

    job.variable(:cursors).clear
    job.run(resume_from: 25)
    expect(job.variable(:cursors)).to eq([])
  end

  it "hold for perform as well" do
    job = job do
      producer :source, from: 0...5
      consumer(:sink) { |n| @results << n }
    end
    job.perform(resume_from: 3)
    expect(job.results).to eq([3, 4])
  end

  it "count an item with nowhere to go, and one for nobody known" do
    job = job(cursors: []) do
      producer(:source) { 3.times { |n| n == 1 ? emit_to_stage(:nobody, n) : emit(n) } }
      checkpoint(every: 1) { |cursor| @cursors << cursor }
    end
    job.run
    expect(job.variable(:cursors)).to eq([1, 2, 3])
  end

  it "see emissions of threads, retries, and stages that send items back" do
    job = job(cursors: []) do
      producer(:source) { [0, 1, 2].each { |n| Thread.new { emit n }.join } }
      threads(2, retries: 2) { processor(:work) { |n| attempt < 2 ? raise("once") : Thread.new { emit n }.join } }
      processor(:again) { |n| n >= 100 ? emit(n - 100) : emit_to_stage(:work, n + 100) }
      consumer(:sink) { |n| @results << n }
      checkpoint(every: 1) { |cursor| @cursors << [cursor, @results.dup] }
    end
    job.run

    expect(job.results.sort).to eq([0, 1, 2])
    expect_truth(job)
    expect(job.variable(:cursors).last.first).to eq(3)
  end

  it "survive children that die, threads that end and batches that fail" do
    job = job(cursors: []) do
      producer :source, from: 0...30
      processes(2) { processor(:one) { |n| n == 4 ? exit!(3) : emit(n) } }
      threads(2) { processor(:two) { |n| n == 8 ? Thread.exit : emit(n) } }
      accumulator(:three, max_size: 5, by: ->(n) { n == 9 ? raise("no") : n % 2 }) do |list|
        list.include?(12) ? raise("no") : list
      end
      consumer(:sink) { |list| @results.concat(list) }
      checkpoint(every: 1) { |cursor| @cursors << [cursor, @results.dup] }
    end
    job.run

    expect(job.variable(:cursors).last.first).to eq(30)
    expect_truth(job, (0...30).to_a - job.results)
  end

  it "do not count what the end of a run has cut off" do
    job = job(cursors: []) do
      producer :source, from: 0...50
      consumer(:sink) { |n| n == 20 ? raise(NotImplementedError, "enough") : @results << n }
      checkpoint(every: 1) { |cursor| @cursors << [cursor, @results.dup] }
    end
    expect { job.run }.to raise_error(NotImplementedError)

    expect(job.variable(:cursors).last.first).to eq(20)
    expect_truth(job)
  end

  it "that raise are logged, and called again later and at the end" do
    job = job(cursors: []) do
      producer :source, from: 0...5
      consumer(:sink) { |n| @results << n }
      checkpoint(every: 1) { |cursor| (@cursors << cursor).size == 2 && raise(IOError, "full") }
    end
    job.run
    expect([job.variable(:cursors), job.results.size]).to eq([[1, 2, 3, 4, 5], 5])
    expect(log_output).to include("checkpoint block failed at 2: full")

    last = job(cursors: []) do
      producer :source, from: 0...2
      consumer(:sink) { |n| @results << n }
      checkpoint(every: 2) { |cursor| (@cursors << cursor).size == 1 && raise(IOError, "full") }
    end
    last.run
    expect(last.variable(:cursors)).to eq([2, 2])
  end

  describe "of several producers" do
    def two_sources
      job(cursors: []) do
        producer :a, from: 0...20, to: :sink
        pipeline(:inner, to: :sink) { producer :b, from: 100...110 }
        consumer(:sink) { |n| @results << n }
        checkpoint(every: 5) { |cursor| @cursors << cursor }
      end
    end

    it "are Hashes by name" do
      job = two_sources
      job.run
      expect(job.variable(:cursors).last).to eq(a: 20, b: 10)
    end

    it "may have been written as JSON, and leave a producer out" do
      [{ "a" => 18, "b" => 9 }, JSON.parse({ a: 18, b: 9 }.to_json), { a: 18, b: 9 }].each do |cursor|
        job = two_sources
        expect(job.run(resume_from: cursor)).to eq(3)
        expect(job.results.sort).to eq([18, 19, 109])
      end
      job = two_sources
      job.run(resume_from: { a: 19 })
      expect(job.results.sort).to eq([19, *100...110])
    end

    it "are refused when they do not fit" do
      { 5 => /a Hash.*the producers.*5/, { c: 1 } => /no producer c/, { a: -1 } => /position of a.*-1/,
        { a: nil } => /position of a.*nil/, "7" => /a Hash/ }.each do |cursor, message|
        expect { two_sources.run(resume_from: cursor) }.to raise_error(ArgumentError, message)
      end
    end
  end

  it "are refused when they are none" do
    [0, -1, "5", nil].each do |bad|
      job = job { checkpoint(every: bad) { |_| nil } }
      expect { job.run }.to raise_error(ArgumentError, /checkpoint: every.*#{Regexp.escape(bad.inspect)}/)
    end
    expect { job { checkpoint(every: 1) }.run }.to raise_error(ArgumentError, /checkpoint: a block/)

    [-1, "3", 1.5].each do |bad|
      job = job { producer(:source) { emit 1 } }
      expect { job.run(resume_from: bad) }
        .to raise_error(ArgumentError, /position of source.*#{Regexp.escape(bad.inspect)}/)
    end
  end

  it "lead a job that is killed again and again to its end, and nothing is left out", timeout: 180 do
    Dir.mktmpdir do |directory|
      outcomes = Array.new(3) do |round|
        result = run_script(File.join(Processes::ROOT, "spec/scripts/checkpoints.rb"), directory, round.to_s)
        [result.timed_out, result.stderr, result.status.termsig || result.status.exitstatus]
      end
      expect(outcomes).to eq([[false, "", 9], [false, "", 9], [false, "", 0]])
      done = File.readlines(File.join(directory, "done"), chomp: true).map { |line| Integer(line) }
      expect(done.uniq.sort).to eq((0...120).to_a)
    end
  end
end
