# frozen_string_literal: true

namespace :spec do
  desc "Demand that the checks find each deliberately broken version (MUTANT=ring for some of them)"
  task :mutants do
    require_relative "native/mutants"

    %w[gcc clang patch].each { |tool| NativeSuite.require_tool(tool) }
    mutants = Mutants.all.select { |mutant| mutant.name.start_with?(ENV.fetch("MUTANT", "")) }
    mutants.reject! { |mutant| mutant.kind == "fuzz" } unless Fuzzer.available?
    problems = Mutants.new.problems(mutants)
    abort problems.join("\n") unless problems.empty?
    warn "#{mutants.size} mutants, all found"
  end
end
