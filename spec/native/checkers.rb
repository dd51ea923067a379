# frozen_string_literal: true

require "etc"
require "rbconfig"
require_relative "marked_run"
require_relative "native_suite"
require_relative "variant"

# The native parts under tools that watch memory: AddressSanitizer and UndefinedBehaviorSanitizer
# inside Ruby, the modes of the garbage collector, valgrind. Each answers what went wrong.
module Checkers
  SCRIPTS = File.expand_path("../scripts", __dir__)
  GC_MODES = %w[minor full stress compact auto_compact verify_compaction verify_internal calls].freeze
  # The compiler and the linker are not looked for under a sanitizer, nor is what only limits memory.
  ASAN_SPECS = Dir["spec/native/*_spec.rb"].grep_v(/extconf|fault_points/) + %w[
    spec/integration/child_faults_spec.rb spec/integration/pool_spec.rb spec/integration/fork_context_spec.rb
    spec/integration/shared_spec.rb spec/integration/state_spec.rb spec/integration/hot_blocks_spec.rb
  ]
  ASAN_OPTIONS = "detect_leaks=0:use_sigaltstack=0:handle_segv=0:handle_sigbus=0:handle_abort=0:" \
                 "allow_user_segv_handler=1:halt_on_error=1:exitcode=86"
  # Without processes: valgrind knows no pidfds, and slows everything down twenty times.
  VALGRIND_TESTS = %w[arena_test plan_test ring_fragment_test ring_test segment_test status_test table_test wire_test
                      wire_refusal_test].freeze
  VALGRIND = %w[valgrind --quiet --error-exitcode=99 --trace-children=no].freeze

  module_function

  # @return [Array<String>]
  def asan(specs = ASAN_SPECS)
    variant = Variant.new("asan", switches: { "MINIGUN_SANITIZE" => "1" }).build
    log = "#{variant.root}/tmp/asan"
    FileUtils.mkdir_p(File.dirname(log))
    FileUtils.rm_f(Dir["#{log}.*"])
    # At length, which `rake spec:long` asks for, what runs ten times slower is not through in its time.
    env = variant.environment.merge(
      "LONG" => nil, "LD_PRELOAD" => runtime("libasan.so"), "ASAN_OPTIONS" => "#{ASAN_OPTIONS}:log_path=#{log}",
      "UBSAN_OPTIONS" => "print_stacktrace=1:halt_on_error=1:log_path=#{log}"
    )
    passed = system(env, RbConfig.ruby, "-S", "bundle", "exec", "rspec", *specs, chdir: variant.root)
    reports = Dir["#{log}.*"].map { |path| File.read(path)[0, 2000] }
    reports + (passed ? [] : ["specs failed under AddressSanitizer"])
  end

  # The library that has to be loaded before Ruby itself.
  def runtime(name)
    path = IO.popen(["gcc", "-print-file-name=#{name}"], &:read).chomp
    raise "#{name} was not found" unless File.file?(path)

    path
  end

  # @param modes [Array<String>] of {GC_MODES}
  # @return [Array<String>]
  def gc(modes = GC_MODES, library: File.expand_path("../../lib", __dir__))
    modes.flat_map do |mode|
      run = MarkedRun.new("-I#{library}", "#{SCRIPTS}/gc_mode.rb", mode, deadline: 120).call
      problems = run.remains
      problems << "#{run.status}: #{run.stderr[0, 2000]}" unless run.status.success?
      warn "gc #{mode}: #{problems.empty? ? "passed" : "FAILED"}"
      problems.map { |text| "#{mode}: #{text}" }
    end
  end

  # @return [Array<String>]
  def valgrind
    valgrind_tests + valgrind_ruby
  end

  def valgrind_tests
    NativeSuite.new("valgrind", compiler: "gcc", flags: %w[-O1], tests: VALGRIND_TESTS.join(" ")).build
    failed = Queue.new
    NativeSuite.each_parallel(VALGRIND_TESTS) do |test|
      passed = system(*VALGRIND, "--leak-check=full", "tmp/native/valgrind/#{test}")
      warn "valgrind #{test}: #{passed ? "passed" : "FAILED"}"
      failed << "valgrind: #{test}" unless passed
    end
    Array.new(failed.size) { failed.pop }
  end

  # Ruby itself reads what it has not written, by design: only what has the extension in its stack is
  # looked at.
  def valgrind_ruby
    log = File.expand_path("tmp/native/valgrind/ruby.log")
    passed = system("valgrind", "--undef-value-errors=no", "--log-file=#{log}", RbConfig.ruby, "--disable=gems",
                    "-Ilib", "#{SCRIPTS}/gc_mode.rb", "full", out: File::NULL)
    ours = File.read(log).split(/^==\d+== \n/).grep(/minigun\.so|\bmg_/)
    warn "valgrind ruby: #{passed && ours.empty? ? "passed" : "FAILED"}"
    ours + (passed ? [] : ["valgrind: the program failed"])
  end
end
