# frozen_string_literal: true

namespace :spec do
  desc "Run what holds at limits, after many faults, after the parent's death and for memory (LONG=1: at length)"
  task resources: :compile do
    names = %w[limits mixed_faults parent_killed memory]
    ruby "-S", "rspec", *names.map { |name| "spec/integration/#{name}_spec.rb" }, verbose: false
  end

  desc "Run the specs that repeat what they do more often at length (LONG=1)"
  task repeats: :compile do
    files = Dir["spec/*/*_spec.rb"].select { |path| File.read(path).include?("ENV[\"LONG\"]") }
    ruby "-S", "rspec", *files, verbose: false
  end
end
