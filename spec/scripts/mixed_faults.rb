# frozen_string_literal: true

# Many runs in one process, whose blocks do to their process what they should not. Arguments: seed, runs.

require "json"
require_relative "base_set"
require_relative "common"

module MixedFaults
  ITEMS = (0...4).to_a.freeze
  KINDS = %w[processes process_per_batch named_processes].freeze
  OPTIONS = [{}, {}, { retries: 1 }, { timeout: 20 }].freeze

  class Refused
    def marshal_dump = raise(TypeError, "not this one")
  end

  # What cannot travel whole.
  class Odd < StandardError
    def initialize(message)
      @io = $stdout
      super
    end
  end

  # Ruby's report of a crash.
  def self.quietly
    $stderr.reopen(File::NULL)
    yield
    sleep
  end

  def self.overflow = overflow + 1

  # Does the item fail of it, as one process dies or the block raises?
  FATAL = {
    kill: -> { Process.kill(:KILL, Process.pid) && sleep },
    segv: -> { quietly { Process.kill(:SEGV, Process.pid) } },
    abort: -> { quietly { Process.kill(:ABRT, Process.pid) } },
    exit_now: -> { exit!(3) },
    exit_well: -> { exit!(true) },
    exit: -> { exit(4) },
    raise: -> { raise ArgumentError, "on purpose" },
    raise_odd: -> { raise Odd, "on purpose" },
    overflow: -> { overflow },
    throw: -> { throw :nowhere },
    exec: -> { exec("true") },
    thread_exit: -> { Thread.exit },
    daemon: -> { Process.daemon && exit!(true) },
    close_all: -> { (3..20).each { |fd| close(fd) } && raise("all closed") },
    raised_at: -> { raised_at }
  }.freeze
  HARMLESS = {
    nothing: -> {},
    compact: -> { GC.compact if GC.respond_to?(:compact) },
    second_fork: -> { Process.wait(fork { exit!(true) }) },
    fork_and_leave: -> { fork { exit!(true) } },
    large: -> { "x" * 3_000_000 },
    late_thread: -> { Thread.new { sleep } }
  }.freeze

  def self.close(descriptor)
    IO.for_fd(descriptor, autoclose: false).close
  rescue SystemCallError, ArgumentError
    nil
  end

  def self.raised_at
    target = Thread.current
    Thread.new { target.raise(IOError, "from a thread") }
    sleep
  end

  class Job
    include Minigun::DSL

    attr_reader :results, :seen

    def initialize(kind, options, faults)
      @kind = kind
      @options = options
      @faults = faults
      @results = []
      @seen = []
    end

    pipeline do
      kind = @kind
      more = @options
      faults = @faults
      producer(:source) { ITEMS.each { |n| emit n } }
      within(self, kind) do |options|
        processor(:work, options.merge(more)) do |n|
          name = faults[n]
          (FATAL[name] || HARMLESS[name]).call
          @seen << n
          emit Refused.new if name == :nothing
          emit n
        end
      end
      consumer(:sink) { |n| @results << n }
    end
  end

  # @return [Array<String>] what is wrong
  def self.check(job, faults)
    report = job.report
    failed = report.failures.filter_map { |failure| Integer(failure.item, exception: false) }
    expected = ITEMS.select { |n| FATAL.key?(faults[n]) }
    return [] if failed.sort == expected && job.results.sort == ITEMS - expected && job.seen.sort == ITEMS - expected

    ["failed #{failed.sort}, done #{job.results.sort}, merged #{job.seen.sort}: #{report.failures.map(&:to_s)}"]
  end

  def self.run(seed)
    random = Random.new(seed)
    faults = ITEMS.map { (random.rand < 0.6 ? FATAL : HARMLESS).keys.sample(random: random) }
    kind = KINDS.sample(random: random)
    job = Job.new(kind, OPTIONS.sample(random: random), faults).tap(&:run)
    check(job, faults).map { |text| "#{seed} in #{kind}, #{faults}: #{text}" }
  end
end

seed, count = ARGV.map { |text| Integer(text) }
before = BaseSet.take
problems = (0...count).flat_map { |n| MixedFaults.run(seed + n) }
tell before: before, after: BaseSet.settled(before), problems: problems
