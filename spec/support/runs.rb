# frozen_string_literal: true

require "bigdecimal"

# Small jobs to run, and what it takes to watch them from inside: everything here works between
# threads and, when it was made before the fork, between processes.
module Runs
  # Every way in which a stage can run.
  KINDS = %i[
    inline threads thread_per_batch processes process_per_batch named_threads named_processes
  ].freeze
  # One of each sort.
  SORTS = %i[inline threads processes process_per_batch].freeze
  # Those whose blocks run in a child process.
  FORKED = %i[processes process_per_batch named_processes].freeze

  # Values that a wire can get wrong.
  AWKWARD = {
    "nil" => nil, "false" => false, "true" => true,
    "an empty Array" => [], "nested empty Arrays" => [[], [[]], [nil]], "a nested Array" => [1, [2, [3, [nil, false]]]],
    "an empty Hash" => {}, "a nested Hash" => { "a" => { b: [1, { nil => false }] } },
    "a Hash with :item and :target" => { item: 1, target: :far },
    "an empty String" => "", "an UTF-8 String" => "zażółć gęślą",
    "a binary String" => "\xff\x00\xfe".b, "an UTF-16 String" => "zażółć".encode("UTF-16LE"),
    "an invalid UTF-8 String" => "\xff\xfe", "an EUC-JP String" => "日本".encode("EUC-JP"),
    "a frozen String" => "frozen", "a Symbol" => :"odd symbol", "a big Integer" => -(2**200),
    "small Integers" => [0, -1, 127, 128, 2**31, 2**62, -(2**62)], "Floats" => [0.1, -0.0, Float::INFINITY],
    "a Range" => (1..), "a Time" => Time.at(1_700_000_000, 123_456_789, :nsec), "a Rational" => 1r / 3,
    "a Set" => Set[1, 2], "a Struct" => Process::Tms.new(1.0, 2.0, 3.0, 4.0), "a BigDecimal" => BigDecimal("1.5"),
    "a Class" => String, "an exception" => ArgumentError.new("text")
  }.freeze

  # What a block can do to its process; what the failure must say.
  FAULTS = {
    "raises" => [-> { raise ArgumentError, "on purpose" }, ArgumentError, /on purpose/],
    "calls exit" => [-> { exit 3 }, SystemExit, /exit/],
    "calls exit(true)" => [-> { exit }, SystemExit, /exit/],
    "calls abort" => [-> { $stderr.reopen(File::NULL) && abort("given up") }, SystemExit, /given up/],
    "calls exit!" => [-> { exit!(7) }, Minigun::WorkerDied, /exited with status 7/],
    "calls exit!(true)" => [-> { exit!(true) }, Minigun::WorkerDied, /exited with status 0 before its work was done/],
    "kills itself" => [-> { Process.kill(:KILL, Process.pid) && sleep }, Minigun::WorkerDied, /killed by SIGKILL/],
    "gets a TERM" => [-> { Process.kill(:TERM, Process.pid) && sleep }, nil, /SIGTERM/],
    "gets a HUP" => [-> { Process.kill(:HUP, Process.pid) && sleep }, nil, /SIGHUP/],
    "gets an ABRT" => [-> { Process.kill(:ABRT, Process.pid) && sleep }, nil, /SIGABRT|Aborted/],
    "crashes" => [-> { $stderr.reopen(File::NULL) && Process.kill(:SEGV, Process.pid) && sleep }, Minigun::WorkerDied,
                  /killed by SIGABRT \(a crash of Ruby or of native code.*; peak memory \d+ MB\)/],
    "becomes a daemon" => [-> { Process.daemon && exit!(true) }, Minigun::WorkerDied, /exited with status 0 before/],
    "closes every descriptor" => [-> { (3..99).each { |fd| IO.for_fd(fd).close rescue nil } && raise("closed") }, # rubocop:disable Style/RescueModifier
                                  nil, /closed|descriptor/],
    "gets an exception from a thread" => [-> { Thread.new(Thread.current) { |one| one.raise(IOError, "x") } && sleep },
                                          IOError, /x/],
    "becomes another program" => [-> { exec "true" }, Minigun::WorkerDied, /exited with status 0 before its work/],
    "becomes a program that fails" => [-> { exec "false" }, Minigun::WorkerDied, /exited with status 1/],
    "throws" => [-> { throw :nowhere }, UncaughtThrowError, /nowhere/],
    "returns from nowhere" => [proc { return 1 }, LocalJumpError, /return/],
    "breaks from nowhere" => [proc { break 1 }, LocalJumpError, /break/],
    "ends its thread" => [-> { Thread.exit }, nil, /exit|Thread/],
    "kills its thread" => [-> { Thread.current.kill }, nil, /exit|Thread/],
    # Its backtrace is longer than what travels whole: the class may arrive as a name.
    "recurses without end" => [-> { (deep = -> { deep.call }).call }, nil, /stack level too deep/],
    "raises an Interrupt" => [-> { raise Interrupt, "stop" }, Interrupt, /stop/],
    "closes everything" => [-> { ObjectSpace.each_object(IO, &:close) && raise("all closed") }, nil, /closed|stream/]
  }.freeze

  # Kills the process that tries to send it.
  class Bomb
    def marshal_dump = Process.kill(:KILL, Process.pid)
  end

  # Defines stages in a context: the block gets the options to give to each of them.
  #
  # @param dsl [Object] self of the surrounding `pipeline` block
  def self.within(dsl, kind, width = 2, &body)
    case kind
    when :inline then dsl.instance_exec({}, &body)
    when :named_threads, :named_processes
      dsl.execution_context(:"#{kind}_pool", kind.to_s.delete_prefix("named_").to_sym, width)
      dsl.instance_exec({ execution_context: :"#{kind}_pool" }, &body)
    when :thread_per_batch, :process_per_batch, :ractor_per_batch
      dsl.public_send(kind, max: width) { instance_exec({}, &body) }
    else dsl.public_send(kind, width) { instance_exec({}, &body) }
    end
  end

  def self.container?(value)
    value.is_a?(Array) || value.is_a?(Hash) || value.is_a?(Set)
  end

  # A thread that emits when the block which started it has returned.
  #
  # @return [Proc] to be called then, in the same process; answers with what the thread got
  def self.straggler(job)
    go = Thread::Queue.new
    thread = Thread.new do
      go.pop
      job.emit(:late)
    rescue StandardError => e
      "#{e.class}: #{e.message}"
    end
    lambda do
      go << true
      thread.value
    end
  end

  # Opens once, for everyone who waits or will wait.
  class Gate
    def initialize
      @reader, @writer = IO.pipe
    end

    def open
      @writer.write_nonblock(".")
    end

    def open?
      !@reader.wait_readable(0).nil?
    end

    def wait(deadline = 20)
      @reader.wait_readable(deadline) or raise "the gate was not opened within #{deadline} s"
    end

    def close
      [@reader, @writer].each(&:close)
    end
  end

  # How many are inside at once, now and at most.
  class Gauge
    SIZE = 64

    def initialize
      @counters = Minigun::Native::Counters.new(SIZE)
    end

    # @return [Integer] how many are inside now
    def enter
      now = @counters.add(0, 1)
      @counters.add([now, SIZE - 1].min, 1) if now.positive?
      now
    end

    def leave
      @counters.add(0, -1)
    end

    # @return [Integer] how many were inside at most
    def max
      (1...SIZE).reverse_each.find { |level| @counters.get(level).positive? } || 0
    end
  end

  # Holds each block until as many as expected are inside at once.
  class Rendezvous
    def initialize(size, gate)
      @size = size
      @gate = gate
      @gauge = Gauge.new
    end

    def meet
      @gate.open if @gauge.enter == @size
      @gate.wait
    ensure
      @gauge.leave
    end

    def max = @gauge.max
  end

  def self.included(group)
    group.after { @gates&.each(&:close) }
  end

  # A job of a class of its own.
  #
  # @param variables [Hash{Symbol => Object}] its instance variables besides `@results`
  # @yield the body of its `pipeline` block
  def job(**variables, &definition)
    class_of_jobs(**variables, &definition).new
  end

  def class_of_jobs(**variables, &definition)
    Class.new do
      include Minigun::DSL

      attr_reader :results

      define_method(:initialize) do
        @results = []
        variables.each do |name, value|
          instance_variable_set(:"@#{name}", Runs.container?(value) ? value.dup : value)
        end
      end
      define_method(:variable) { |name| instance_variable_get(:"@#{name}") }
      pipeline(&definition)
    end
  end

  # @return [Gate] closed at the end of the example
  def gate
    (@gates ||= []).push(Gate.new).last
  end

  def counters(size = 1) = Minigun::Native::Counters.new(size)

  def rendezvous(size) = Rendezvous.new(size, gate)

  # @return [Minigun::Stats] of a stage in the last run
  def stats_of(job, stage)
    job.report.stats.stage_stats.fetch(stage)
  end

  # @return [Minigun::Failure] the only one of the last run
  def only_failure(job)
    expect(job.report.failures.size).to eq(1)
    job.report.failures.first
  end
end

# The base set, at the price of many small runs: collecting garbage only where something seems to be
# left. No thread is left either.
RSpec.shared_context "nothing is left" do
  around do |example|
    threads = Thread.list
    children = children_of(Process.pid)
    descriptors = fd_count
    example.run
    next if example.exception

    GC.start if fd_count > descriptors
    eventually(5, "descriptors are left open") { fd_count <= descriptors }
    eventually(5, "threads are left") { (Thread.list - threads).empty? }
    eventually(5, "children are left") { (children_of(Process.pid) - children).empty? }
  end
end
