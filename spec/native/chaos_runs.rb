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
  CHUNK = 25
  CHUNK_SECONDS = 240
  # The longest pause between two kills, in milliseconds, for a share of the chunks each.
  PAUSES = [10, 30, 100, 300].freeze

  # How many batches have run, and how many processes were killed from outside.
  attr_reader :done, :kills

  # @param library [String] the directory to load
  # @param seconds [Numeric] after which no more batches are begun
  def initialize(seed, batches, library: File.expand_path("../../lib", __dir__), quiet: false, seconds: Float::INFINITY)
    @seed = seed
    @batches = batches
    @library = library
    @quiet = quiet
    @kills = @done = 0
    @limit = now + seconds
    @mutex = Mutex.new
  end

  # @return [Array<String>] what went wrong
  def problems
    queue = Queue.new
    (0...@batches).each_slice(CHUNK) { |chunk| queue << chunk }
    queue.close
    found = Queue.new
    Array.new(Etc.nprocessors) { Thread.new { work(queue, found) } }.each(&:join)
    Array.new(found.size) { found.pop }
  end

  private

  def work(queue, found)
    while now < @limit && (chunk = queue.pop)
      run(@seed + chunk.first, chunk.size).each do |text|
        warn text unless @quiet
        found << text
      end
    end
  end

  def run(first, count)
    Dir.mktmpdir("chaos") do |dir|
      run = MarkedRun.new("-I#{@library}", "#{SCRIPTS}/chaos.rb", first.to_s, count.to_s, dir, deadline: CHUNK_SECONDS)
      killer = nil
      run.call { |pid| killer = start_killer(pid, first) }
      kills = Integer(killer.read[/\d+/] || 0)
      killer.close
      @mutex.synchronize do
        @kills += kills
        @done += count
      end
      verdict(run, dir, first, count)
    end
  end

  def start_killer(pid, seed)
    pause = PAUSES[seed / CHUNK % PAUSES.size]
    IO.popen([RbConfig.ruby, "--disable=gems", "#{SCRIPTS}/chaos_killer.rb", pid.to_s, seed.to_s, pause.to_s])
  end

  def verdict(run, dir, first, count)
    problems = run.remains
    unless problems.empty? && run.status.success?
      now = File.read("#{dir}/now")
      return problems << "chunk of #{count} from seed #{first}: #{run.status} during #{now}: #{tail("#{dir}/stderr")}"
    end

    JSON.parse(run.stdout.lines.last).fetch("problems")
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def tail(path) = File.file?(path) ? File.read(path)[-800..] : ""
end
