# frozen_string_literal: true

namespace :spec do
  desc "Run the specs of the native parts under AddressSanitizer and UndefinedBehaviorSanitizer (SPECS=files)"
  task :asan do
    require_relative "native/checkers"

    specs = ENV.fetch("SPECS", "").split
    problems = specs.empty? ? Checkers.asan : Checkers.asan(specs)
    abort problems.join("\n") unless problems.empty?
  end

  desc "Run the native parts in the eight modes of the garbage collector (MODES=minor,compact for some of them)"
  task gc: :compile do
    require_relative "native/checkers"

    modes = ENV.fetch("MODES", "").split(",")
    problems = modes.empty? ? Checkers.gc : Checkers.gc(modes)
    abort problems.join("\n") unless problems.empty?
  end

  desc "Run C tests and a Ruby program under valgrind"
  task valgrind: :compile do
    require_relative "native/checkers"

    NativeSuite.require_tool("valgrind")
    problems = Checkers.valgrind
    abort problems.join("\n") unless problems.empty?
  end

  desc "Run everything that takes long"
  task :long do
    ENV["LONG"] = "1"
    %w[native:all model faults resources repeats mutants gc valgrind asan fuzz chaos].each { |name| Rake::Task["spec:#{name}"].invoke }
  end
end
