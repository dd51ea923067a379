# frozen_string_literal: true

namespace :spec do
  desc "Search the model of the ring's protocol, and its mutants, with spin"
  task :model do
    require_relative "native/ring_model"

    NativeSuite.require_tool("spin")
    problems = RingModel.new("tmp/model").problems
    abort problems.join("\n") unless problems.empty?
  end
end
