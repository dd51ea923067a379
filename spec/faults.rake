# frozen_string_literal: true

namespace :spec do
  desc "Run every fault point with KILL, STOP and sleep (POINT=before_publish for some of them)"
  task :faults do
    require_relative "native/fault_matrix"

    variant = Variant.new("faults", switches: { "MINIGUN_FAULTS" => "1" }).build
    matrix = FaultMatrix.new(variant)
    cases = matrix.cases
    warn "#{cases.size} cases"
    problems = matrix.run(cases)
    abort "#{problems.size} problems" unless problems.empty?
  end
end
