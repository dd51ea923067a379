# frozen_string_literal: true

namespace :spec do
  desc "Fuzz the reader of the byte format and the ring (SECONDS=60 for all together)"
  task :fuzz do
    require_relative "native/fuzzer"

    NativeSuite.require_tool("clang")
    unless Fuzzer.available?
      warn "SKIPPED: libFuzzer is missing (Debian package libclang-rt-14-dev, or that of another clang)"
      next
    end
    targets = Fuzzer.targets
    seconds = Integer(ENV.fetch("SECONDS", ENV["LONG"] == "1" ? 3600 : 60))
    failed = targets.reject do |target|
      fuzzer = Fuzzer.new(target).build
      passed = fuzzer.run([seconds / targets.size, 1].max)
      warn "fuzz #{target}: #{passed ? "nothing found in" : "FAILED:"} #{fuzzer.summary} executions"
      passed
    end
    abort "found: #{failed.join(", ")}; the inputs are in #{Fuzzer::DIRECTORY}" unless failed.empty?
  end
end
