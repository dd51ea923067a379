# frozen_string_literal: true

require "tempfile"

# The same as documented_scripts_spec.rb. Here: hooks, and results that children bring home in a file.
RSpec.describe "documented scripts: hooks and the tempfile pattern (contract 17)" do
  include_context "base set"

  # Children append to a file under a lock, as scripts do that cannot rely on anything else.
  let(:file) { Tempfile.new("script").tap(&:close) }
  # Methods of the user's class that go with {#file}.
  let(:file_helpers) do
    Module.new do
      def append(*lines)
        File.open(@path, "a") do |out|
          out.flock(File::LOCK_EX)
          lines.each { |line| out.puts(line) }
          out.flock(File::LOCK_UN)
        end
      end

      def lines = File.readlines(@path, chomp: true)
    end
  end

  after { file.unlink }

  def run_with_file(variables = {}, &body)
    helpers = file_helpers
    run_job(variables.merge(path: file.path)) do
      include helpers

      class_exec(&body)
    end
  end

  it "an accumulator fanned out to children and to threads (09)" do
    job = run_with_file(from_children: [], from_threads: []) do
      pipeline do
        producer(:numbers) { (1..10).each { |i| emit(i) } }
        accumulator(:group, max_size: 3, to: %i[children threads])
        process_per_batch(max: 2) { consumer(:children) { |group| append(*group) } }
        threads(2) { consumer(:threads) { |group| group.each { |i| @from_threads << i } } }
        after_run { @from_children.concat(lines.map(&:to_i)) }
      end
    end
    expect([job.from_children.sort, job.from_threads.sort]).to eq([[*1..10]] * 2)
  end

  it "the four pipeline hooks where nothing forks (11), 100 items through a constructor's argument (14)" do
    job = run_job(events: [], results: []) do
      pipeline do
        before_run { @events << :before_run }
        after_run { @events << [:after_run, @results.size] }
        before_fork { @events << :before_fork }
        after_fork { @events << :after_fork }
        producer(:numbers) { 100.times { |i| emit(i) } }
        consumer(:store) { |i| @results << i }
      end
    end
    expect(job.events).to eq([:before_run, [:after_run, 100]])
    expect(job.results.uniq.size).to eq(100)
  end

  it "a connection that is closed before each fork and opened in the child (17)" do
    job = run_with_file(events: [], results: []) do
      pipeline do
        before_run { connect }
        producer(:rows) { 10.times { |i| emit(i) } }
        accumulator(:group, max_size: 5)
        before_fork { disconnect }
        after_fork { reconnect }
        process_per_batch(max: 2) do
          consumer(:save) { |rows| @connected == Process.pid ? append(*rows) : raise("no connection") }
        end
        after_run { @results.concat(lines.grep(/\A\d+\z/).map(&:to_i)) }
        after_run { disconnect }
      end

      private

      def connect = (@connected = Process.pid) && (@events << :connected)
      def disconnect = (@connected = nil) || (@events << :disconnected)
      def reconnect = (@connected = Process.pid) && append("reconnected")
    end
    expect(job.results.sort).to eq([*0..9])
    expect(job.events).to eq(%i[connected disconnected disconnected disconnected])
    expect(job.lines.count("reconnected")).to eq(2)
  end

  it "hooks of stages, fork hooks written before their stage (18)" do
    job = run_with_file(events: [], results: []) do
      pipeline do
        before_fork(:load) { @events << :parent }
        after_fork(:load) { append("child #{Process.pid}") }
        before(:read) { @events << :open }
        after(:read) { @events << :close }
        before(:parse) { @events << :init }

        producer(:read) { 10.times { |i| emit(i) } }
        processor(:parse) { |i| emit(i + 1) }
        after(:parse) { @events << :shutdown }

        batch 10
        process_per_batch(max: 1) { consumer(:load) { |group| append(*group) } }
        after_run { @results.concat(lines.grep_v(/child/).map(&:to_i)) }
      end
    end
    expect(job.results).to eq([*1..10])
    expect(job.events.tally).to eq(open: 1, close: 1, init: 10, shutdown: 10, parent: 1)
    expect(job.lines.first).to match(/\Achild \d+\z/)
    expect(job.lines.first).not_to eq("child #{Process.pid}")
  end

  it "counting with hooks, reports of children as JSON (19)" do
    job = run_with_file(stats: Hash.new(0), pids: []) do
      pipeline do
        before(:src) { @started = Process.clock_gettime(Process::CLOCK_MONOTONIC) }
        after(:src) { @stats[:seconds] += Process.clock_gettime(Process::CLOCK_MONOTONIC) - @started }

        producer(:src) { 100.times { |i| emit(i) && @stats[:produced] += 1 } }
        processor(:check) { |i| i % 10 == 3 ? @stats[:failed] += 1 : emit(i) }
        after(:check) { @stats[:checked] += 1 }

        accumulator(:group, max_size: 25)
        before_fork { @stats[:forks] += 1 }
        process_per_batch(max: 2) { consumer(:save) { |group| append({ pid: Process.pid, size: group.size }.to_json) } }
        after_run { @pids.concat(lines.map { |line| JSON.parse(line) }) }
      end
    end
    expect(job.stats).to include(failed: 10, checked: 100, forks: 4)
    expect(job.stats[:seconds]).to be > 0
    expect(job.pids.sum { |row| row["size"] }).to eq(90)
    expect(job.pids.map { |row| row["pid"] }.uniq.size).to eq(4)
  end

  it "inline lambda hooks on every stage (21)" do
    job = run_with_file(events: [], results: []) do
      pipeline do
        producer(:src, before: -> { @started = Time.now }, after: -> { @events << (Time.now >= @started) }) do
          9.times { |i| emit(i + 1) }
        end
        processor(:double, before: -> { @events << :before }, after: [-> { @events << :after }]) { |i| emit(i * 2) }
        accumulator(:group, max_size: 4)
        process_per_batch(max: 2) do
          consumer(:save, before_fork: -> { @events << :fork }, after_fork: lambda {
            append("forked")
          }) { |group| append(*group) }
        end
        after_run { @results.concat(lines.grep(/\d/).map(&:to_i)) }
      end
    end
    expect(job.results.sort).to eq([2, 4, 6, 8, 10, 12, 14, 16, 18])
    expect(job.events.tally).to eq(true => 1, before: 9, after: 9, fork: 3)
    expect(job.lines.count("forked")).to eq(3)
  end
end
