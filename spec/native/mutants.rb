# frozen_string_literal: true

require "etc"
require "fileutils"
require "timeout"
require_relative "chaos_runs"
require_relative "fuzzer"
require_relative "native_suite"
require_relative "variant"

# Deliberately broken versions of the code, kept as patches: each names the check that must fail.
#
#   native NAME   a C test       tsan NAME   a C test as threads under ThreadSanitizer
#   fuzz NAME     a fuzz target  spec FILE   a file of specs    chaos COUNT   so many random batches
#
# The same check has to pass with the code as it is, else its failure would mean nothing.
class Mutants
  ROOT = Variant::ROOT
  Mutant = Struct.new(:name, :patch, :kind, :target)
  FLAGS = {
    "native" => %w[-O1],
    "tsan" => %w[-O1 -fsanitize=thread]
  }.freeze
  # A check that hangs has failed.
  SECONDS = 120
  FUZZ_SECONDS = 15
  CHAOS_SEED = 1

  # @return [Array<Mutant>]
  def self.all
    Dir["#{ROOT}/spec/mutants/*.patch"].map do |path|
      kind, target = File.read(path)[/^Caught by: (.*)$/, 1].to_s.split
      Mutant.new(File.basename(path, ".patch"), path, kind, target)
    end
  end

  def initialize
    @variant = Variant.new("mutant")
    @log = File.join(ROOT, "tmp/mutants.log")
    FileUtils.rm_f(@log)
  end

  # @return [Array<String>] what went wrong
  def problems(mutants)
    controls(mutants) + mutants.filter_map do |mutant|
      problem = problem_of(mutant)
      warn "#{mutant.name}: #{problem || "found by #{mutant.kind} #{mutant.target}"}"
      "#{mutant.name}: #{problem}" if problem
    end
  end

  private

  def controls(mutants)
    @variant.copy
    mutants.map { |mutant| [mutant.kind, mutant.target] }.uniq.filter_map do |kind, target|
      passed = passes?(kind, target)
      warn "as it is: #{kind} #{target} #{passed ? "passes" : "FAILS"}"
      "#{kind} #{target} fails without any mutant" unless passed
    end
  end

  def problem_of(mutant)
    @variant.copy
    return "the patch does not apply" unless apply(mutant.patch)

    "#{mutant.kind} #{mutant.target} did not find it" if passes?(mutant.kind, mutant.target)
  ensure
    @variant.copy
  end

  def apply(patch)
    system("patch", "-p1", "--fuzz=0", "--silent", "--no-backup-if-mismatch", "-i", patch,
           chdir: @variant.root, out: [@log, "a"], err: [@log, "a"])
  end

  def passes?(kind, target)
    case kind
    when "native", "tsan" then native(kind, target)
    when "fuzz" then fuzz(target)
    when "spec" then specs(target)
    when "chaos" then chaos(Integer(target))
    else raise "no such check: #{kind}"
    end
  end

  def native(kind, test)
    directory = File.join(@variant.root, "native/#{kind}")
    FileUtils.mkdir_p(directory)
    sources = Dir["#{@variant.root}/ext/minigun/*.c"].reject { |path| NativeSuite.binding_source?(path) }
    sources << "#{@variant.root}/spec/native/core/#{test}.c"
    objects = sources.map { |source| "#{directory}/#{File.basename(source, ".c")}.o" }
    NativeSuite.each_parallel(sources.zip(objects)) { |source, object| compile(source, object, FLAGS.fetch(kind)) }
    build("gcc", *FLAGS.fetch(kind), *objects, "-lpthread", "-o", "#{directory}/#{test}")
    run(NativeSuite::OPTIONS, "#{directory}/#{test}")
  end

  def compile(source, object, flags)
    headers = Dir["#{@variant.root}/{ext/minigun,spec/native/core}/*.h"]
    return if FileUtils.uptodate?(object, [source, *headers])

    build("gcc", "-std=c11", "-g", *flags, "-I#{@variant.root}/ext/minigun", "-I#{@variant.root}/spec/native/core",
          "-c", source, "-o", object)
  end

  # A mutant has to compile: one that does not would be found by nothing but that.
  def build(*command)
    raise "failed: #{command.join(" ")}" unless system(*command)
  end

  def fuzz(target)
    directory = File.join(@variant.root, "fuzz")
    FileUtils.rm_rf(directory)
    Fuzzer.new(target, core: "#{@variant.root}/ext/minigun", directory: directory).build.run(FUZZ_SECONDS)
  end

  def specs(path)
    compile_extension
    # At length, which `rake spec:long` asks for, a check would not be through in SECONDS.
    run(@variant.environment.merge("LONG" => nil), "bundle", "exec", "rspec", path, "--fail-fast", "--seed", "1",
        chdir: @variant.root)
  end

  def chaos(count)
    compile_extension
    ChaosRuns.new(CHAOS_SEED, count, library: @variant.library, quiet: true, first: true).problems.empty?
  end

  # Without copying: that would undo the patch.
  def compile_extension = @variant.compile

  def run(env, *command, chdir: ROOT)
    pid = Process.spawn(env, *command, chdir: chdir, pgroup: true, out: [@log, "a"], err: [@log, "a"])
    _, status = Timeout.timeout(SECONDS) { Process.wait2(pid) }
    status.success?
  rescue Timeout::Error
    Process.kill(:KILL, -pid)
    Process.wait(pid)
    false
  end
end
