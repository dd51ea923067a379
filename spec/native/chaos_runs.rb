# frozen_string_literal: true

require "etc"
require "json"
require "rbconfig"
require "tmpdir"
require_relative "marked_run"

# Random pipelines in Ruby processes of their own, whose children another process kills, and the
# recount of their items.
class ChaosRuns
  SCRIPTS = File.expand_path("../scripts", __dir__)
  # Pipelines that share a Ruby process.
  CHUNK = 10
  # A chunk takes some seconds; a machine that has other work as well may need a hundred times that.
  CHUNK_SECONDS = 900
  # Batches after which a line tells how far it has come.
  PROGRESS = 1_000
  # The longest pause between two kills, in milliseconds, for a share of the chunks each.
  PAUSES = [10, 30, 100, 300].freeze

  # How many pipelines have run, how many batches they had in processes of their own, and how many
  # processes were killed from outside.
  attr_reader :done, :batches, :kills

  # @param wanted [Integer] batches in processes of their own
  # @param library [String] the directory to load
  # @param seconds [Numeric] after which no more batches are begun
  # @param first [Boolean] is the first problem enough?
  def initialize(seed, wanted, library: File.expand_path("../../lib", __dir__), quiet: false,
                 seconds: Float::INFINITY, first: false)
    @seed = seed
    @wanted = wanted
    @library = library
    @quiet = quiet
    @first = first
    @kills = @done = @batches = @begun = 0
    @limit = now + seconds
    @mutex = Mutex.new
  end

  # @return [Array<String>] what went wrong
  def problems
    found = Queue.new
    Array.new(Etc.nprocessors) { Thread.new { work(found) } }.each(&:join)
    Array.new(found.size) { found.pop }
  end

  private

  def work(found)
    until (@first && !found.empty?) || (first = next_seed).nil?
      run(first, CHUNK).each do |text|
        warn text unless @quiet
        found << text
      end
    end
  end

  def next_seed
    @mutex.synchronize do
      return if @batches >= @wanted || now > @limit

      (@seed + @begun).tap { @begun += CHUNK }
    end
  end

  def run(first, count)
    Dir.mktmpdir("chaos") do |dir|
      run = MarkedRun.new("-I#{@library}", "#{SCRIPTS}/chaos.rb", first.to_s, count.to_s, dir, deadline: CHUNK_SECONDS)
      killer = nil
      run.call { |pid| killer = start_killer(pid, first, "#{dir}/log") }
      kills = Integer(killer.read[/\d+/] || 0)
      killer.close
      problems, batches = verdict(run, dir, first, count)
      @mutex.synchronize { tally(count, batches, kills) }
      problems
    end
  end

  def tally(count, batches, kills)
    before = @batches / PROGRESS
    @done += count
    @batches += batches
    @kills += kills
    warn "chaos: #{@batches} batches, #{@kills} kills" unless @quiet || @batches / PROGRESS == before
  end

  def start_killer(pid, seed, log)
    pause = PAUSES[seed / CHUNK % PAUSES.size]
    IO.popen([RbConfig.ruby, "--disable=gems", "#{SCRIPTS}/chaos_killer.rb", pid.to_s, seed.to_s, pause.to_s, log])
  end

  # @return [Array(Array<String>, Integer)] what went wrong, and how many batches there were
  def verdict(run, dir, first, count)
    problems = run.remains
    return JSON.parse(run.stdout.lines.last).values_at("problems", "batches") if problems.empty? && run.status.success?

    now = File.read("#{dir}/now")
    [problems << "chunk of #{count} from seed #{first}: #{run.status} during #{now}: #{tail("#{dir}/stderr")}", 0]
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def tail(path) = File.file?(path) ? File.read(path)[-800..] : ""
end
