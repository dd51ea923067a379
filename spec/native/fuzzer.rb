# frozen_string_literal: true

require "fileutils"
require_relative "native_suite"

# Builds the fuzz targets with clang's libFuzzer and runs them for a while.
class Fuzzer
  SOURCES = "spec/native/fuzz"
  FLAGS = %w[-std=c11 -Wall -Wextra -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all].freeze
  SANITIZERS = "-fsanitize=fuzzer,address,undefined"
  DIRECTORY = "tmp/fuzz"

  # @return [Boolean] has clang got its run-time library?
  def self.available?
    FileUtils.mkdir_p(DIRECTORY)
    File.write("#{DIRECTORY}/probe.c", "int LLVMFuzzerTestOneInput(const char *b, long n) { return b && n < 0; }\n")
    system("clang", "-fsanitize=fuzzer", "#{DIRECTORY}/probe.c", "-o", "#{DIRECTORY}/probe",
           out: File::NULL, err: File::NULL)
  end

  def self.targets = Dir["#{SOURCES}/*_fuzz.c"].map { |path| File.basename(path, "_fuzz.c") }.sort

  # @param core [String] where the C files of the core are
  def initialize(target, core: NativeSuite::CORE, directory: DIRECTORY)
    @target = target
    @core = core
    @directory = directory
    @program = "#{directory}/#{target}"
    @found = "#{directory}/#{target}.corpus"
    FileUtils.mkdir_p(@found)
  end

  # The objects of the core are made once for all targets.
  #
  # @return [self]
  def build
    sources = Dir["#{@core}/*.c"].reject { |path| NativeSuite.binding_source?(path) }
    sources << "#{SOURCES}/#{@target}_fuzz.c"
    objects = sources.map { |source| "#{@directory}/#{File.basename(source, ".c")}.o" }
    NativeSuite.each_parallel(sources.zip(objects)) { |source, object| compile(source, object) }
    raise "cannot build #{@target}" unless system("clang", SANITIZERS, *objects, "-lpthread", "-o", @program)

    self
  end

  # What is found stays below tmp; of the corpus in the repository nothing is changed.
  #
  # @return [Boolean] was nothing found?
  def run(seconds)
    system(@program, "-max_total_time=#{seconds}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=1024",
           "-print_final_stats=1", "-verbosity=0", "-artifact_prefix=#{@program}.", @found,
           "#{SOURCES}/corpus/#{@target}", err: log)
  end

  # @return [String] executions, in the words of libFuzzer
  def summary = File.read(log)[/stat::number_of_executed_units:\s*(\d+)/, 1] || File.read(log)[-2000..]

  private

  def compile(source, object)
    return if FileUtils.uptodate?(object, [source, __FILE__, *Dir["#{@core}/*.h"]])

    command = ["clang", *FLAGS, SANITIZERS, "-I#{@core}", "-c", source, "-o", object]
    raise "cannot compile #{source}" unless system(*command)
  end

  def log = "#{@program}.log"
end
