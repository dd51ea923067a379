# frozen_string_literal: true

require_relative "lib/minigun/version"

Gem::Specification.new do |spec|
  spec.name = "minigun"
  spec.version = Minigun::VERSION
  spec.authors = ["minigun contributors"]
  spec.summary = "Fork-safe parallel batch pipelines with a native core"
  spec.description = <<~TEXT
    Describes a batch job as a graph of stages and runs it on threads and forked processes.
    What a forked block emits and collects comes home through shared-memory rings.
  TEXT
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"

  # Plain globs: building works from an unpacked archive, where there is no git.
  spec.files = Dir.chdir(__dir__) do
    Dir["lib/**/*.rb", "ext/minigun/*.{c,h,rb}", "sig/**/*.{rbs,yaml}", "examples/**/*.{rb,sql}", "docs/**/*.md",
        "{README,CHANGELOG}.md", "LICENSE", ".yardopts"].sort
  end
  spec.extensions = ["ext/minigun/extconf.rb"]
  spec.require_paths = ["lib"]
  spec.extra_rdoc_files = ["README.md", "CHANGELOG.md", "LICENSE"].select do |name|
    File.file?(File.join(__dir__, name))
  end
  spec.metadata["rubygems_mfa_required"] = "true"
end
