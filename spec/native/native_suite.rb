# frozen_string_literal: true

require "English"
require "etc"
require "fileutils"
require "timeout"

# Builds the C core and its tests without Ruby headers, and runs the tests.
#
# One build of it is a variant: a compiler and its flags, with a directory under tmp/native.
class NativeSuite
  CORE = "ext/minigun"
  TESTS = "spec/native/core"
  STRICT = %w[
    -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wvla -Werror
  ].freeze
  # A hung program is killed after this time; no test needs a tenth of it.
  RUN_SECONDS = ENV["LONG"] == "1" ? 1800 : 180
  OPTIONS = {
    "ASAN_OPTIONS" => "use_sigaltstack=0:abort_on_error=0",
    "UBSAN_OPTIONS" => "print_stacktrace=1",
    "TSAN_OPTIONS" => "halt_on_error=1"
  }.freeze

  # @return [Array<String>] the C files that must not need Ruby
  def self.core_sources
    Dir["#{CORE}/*.c"].reject { |path| binding_source?(path) }.sort
  end

  # @return [Array<String>] the C files that need Ruby's headers
  def self.binding_sources
    Dir["#{CORE}/*.c"].select { |path| binding_source?(path) }.sort
  end

  def self.binding_source?(path)
    name = File.basename(path)
    name.start_with?("rb_") || name == "minigun.c"
  end

  # Ends the task with a message that says what to install.
  def self.require_tool(name, package: name)
    return if ENV["PATH"].split(File::PATH_SEPARATOR).any? { |dir| File.executable?(File.join(dir, name)) }

    abort "#{name} was not found: install the Debian package #{package}"
  end

  # Runs the block for every item, as many at once as there are processors; raises the first error.
  def self.each_parallel(items)
    queue = Queue.new
    items.each { |item| queue << item }
    queue.close
    workers = Array.new(Etc.nprocessors) do
      Thread.new do
        Thread.current.report_on_exception = false
        while (item = queue.pop)
          yield item
        end
      end
    end
    workers.each(&:join)
  end

  # Runs the command that the block makes of each item; ends the task when any of them failed.
  def self.check_each(items, **options)
    failed = Queue.new
    each_parallel(items) { |item| failed << item unless system(*yield(item), **options) }
    abort "failed: #{Array.new(failed.size) { failed.pop }.sort.join(", ")}" unless failed.empty?
  end

  # @param env [Hash{String => String}] for the programs
  def initialize(variant, compiler:, flags: [], tests: "*_test stress_*", env: {})
    @variant = variant
    @env = OPTIONS.merge(env)
    @compiler = compiler
    @flags = STRICT + %w[-g -I] + [CORE, "-I", TESTS] + flags
    @link_flags = flags.grep(/\A-f/)
    @patterns = tests.split
    @directory = "tmp/native/#{variant}"
    @core_sources = self.class.core_sources
  end

  def run
    self.class.require_tool(@compiler)
    build
    failed = programs.reject { |program| passes?(program) }
    abort "#{@variant}: failed: #{failed.map { |path| File.basename(path) }.join(", ")}" unless failed.empty?
  end

  def build
    FileUtils.mkdir_p(@directory)
    self.class.each_parallel(@core_sources + test_sources) { |source| compile(source) }
    self.class.each_parallel(programs) { |program| link(program) }
  end

  private

  # TEST=ring runs the programs whose names begin with "ring" only.
  def test_sources
    sources = @patterns.flat_map { |pattern| Dir["#{TESTS}/#{pattern}.c"] }.sort
    wanted = ENV.fetch("TEST", "")
    sources.select { |path| File.basename(path).delete_prefix("stress_").start_with?(wanted) }
  end

  def programs
    test_sources.map { |source| object_of(source).delete_suffix(".o") }
  end

  def object_of(source)
    "#{@directory}/#{File.basename(source, ".c")}.o"
  end

  def headers
    @headers ||= Dir["{#{CORE},#{TESTS}}/*.h"] + [__FILE__]
  end

  def compile(source)
    object = object_of(source)
    return if FileUtils.uptodate?(object, [source, *headers])

    make(object, @compiler, *@flags, "-c", source)
  end

  def link(program)
    objects = @core_sources.map { |source| object_of(source) }
    make(program, @compiler, *@link_flags, "#{program}.o", *objects, "-lpthread")
  end

  # By way of another name: a second run of this task never finds half a file.
  def make(target, *command)
    partial = "#{target}.#{Process.pid}"
    raise "#{@variant}: cannot make #{target}" unless system(*command, "-o", partial)

    File.rename(partial, target)
  end

  def passes?(program)
    warn "#{@variant} #{File.basename(program)}"
    pid = Process.spawn(@env, program, pgroup: true, out: :err)
    Timeout.timeout(RUN_SECONDS) { Process.wait(pid) }
    warn "ended with #{$CHILD_STATUS}" unless $CHILD_STATUS.success?
    $CHILD_STATUS.success?
  rescue Timeout::Error
    warn "still running after #{RUN_SECONDS} s"
    Process.kill(:KILL, -pid)
    Process.wait(pid)
    false
  end
end
