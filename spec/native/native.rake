# frozen_string_literal: true

require "rbconfig"
require_relative "native_suite"

namespace :spec do
  desc "Build the C tests with gcc and clang and run them; TEST=ring for some of them"
  task native: %w[native:gcc native:clang native:portable]

  namespace :native do
    %w[gcc clang].each do |compiler|
      desc "Build the C tests with #{compiler} and run them"
      task(compiler) { NativeSuite.new(compiler, compiler: compiler, flags: %w[-O2]).run }
    end

    desc "Test what stands in for futexes, robust mutexes and wide registers elsewhere"
    task :portable do
      NativeSuite.new("portable", compiler: "gcc",
                                  flags: %w[-O2 -DMG_NO_FUTEX -DMG_NO_ROBUST_MUTEX -DMG_NO_WIDE_CHECKSUM],
                                  tests: "checksum_test eventcount_test lock_test semaphore_test ring_kill_test " \
                                         "ring_process_test").run
    end

    desc "Run the C tests under AddressSanitizer and UndefinedBehaviorSanitizer"
    task :asan do
      long = ENV["LONG"] == "1"
      env = { "MINIGUN_KILLS" => ENV.fetch("MINIGUN_KILLS", long ? "10000" : "1000"),
              "MINIGUN_PART" => long ? "1" : "3" }
      NativeSuite.new("asan", compiler: "gcc", env: env,
                              flags: %w[-O1 -fsanitize=address,undefined -fno-sanitize-recover=all
                                        -fno-omit-frame-pointer]).run
    end

    desc "Run the C stress tests, as threads, under ThreadSanitizer"
    task :tsan do
      NativeSuite.new("tsan", compiler: "gcc", flags: %w[-O1 -fsanitize=thread], tests: "stress_*").run
    end

    desc "Run the C tests in every way"
    task all: ["spec:native", "spec:native:asan", "spec:native:tsan"]
  end
end

namespace :lint do
  c_files = -> { Dir["{ext/minigun,spec/native/**,benchmark}/*.{c,h}"].sort }
  ruby_includes = RbConfig::CONFIG.values_at("rubyhdrdir", "rubyarchhdrdir").flat_map { |dir| ["-isystem", dir] }

  desc "Check the formatting of the C files"
  task :format do
    NativeSuite.require_tool("clang-format")
    sh "clang-format", "--dry-run", "-Werror", *c_files.call, verbose: false
  end

  desc "Check that the core compiles as strict C11 without Ruby's headers"
  task :core do
    %w[gcc clang].each do |compiler|
      NativeSuite.require_tool(compiler)
      NativeSuite.check_each(NativeSuite.core_sources) do |source|
        [compiler, *NativeSuite::STRICT, "-fsyntax-only", source]
      end
    end
  end

  desc "Run clang-tidy over the C files"
  task :tidy do
    NativeSuite.require_tool("clang-tidy")
    # It counts on stderr the warnings that it does not show.
    NativeSuite.check_each(NativeSuite.core_sources + NativeSuite.binding_sources, err: File::NULL) do |source|
      includes = NativeSuite.binding_source?(source) ? ruby_includes : []
      ["clang-tidy", "--quiet", source, "--", "-std=c11", *includes]
    end
  end

  desc "Run cppcheck over the C files"
  task :cppcheck do
    NativeSuite.require_tool("cppcheck")
    sh "cppcheck", "--std=c11", "--enable=warning,performance,portability", "--inline-suppr", "--quiet",
       "--error-exitcode=1", "-I", NativeSuite::CORE, "-I", NativeSuite::TESTS,
       *NativeSuite.core_sources, *NativeSuite.binding_sources, verbose: false
  end

  desc "Run every check of the C files"
  task c: %w[lint:format lint:core lint:tidy lint:cppcheck]
end
