# frozen_string_literal: true

require "fileutils"
require "rbconfig"

module Bench
  # The parts of benchmarks that are written in C.
  module Native
    ROOT = File.expand_path("../..", __dir__)
    CORE = File.join(ROOT, "ext/minigun")
    DIRECTORY = File.join(ROOT, "tmp/benchmark")
    FLAGS = %W[-std=c11 -D_GNU_SOURCE -O3 -Wall -Wextra -I#{CORE}].freeze

    module_function

    # @return [String] path of a program made of benchmark/NAME.c and files of the core
    def program(name, *core)
      build(name, name, core)
    end

    # @return [String] path of a library made of benchmark/NAME.c
    def library(name)
      build("#{name}.so", name, [], %w[-shared -fPIC])
    end

    def build(target, name, core, flags = [])
      FileUtils.mkdir_p(DIRECTORY)
      path = File.join(DIRECTORY, target)
      sources = [File.join(ROOT, "benchmark/#{name}.c"), *core.map { |file| File.join(CORE, file) }]
      compiler = ENV.fetch("CC", RbConfig::CONFIG["CC"])
      abort "cannot build #{target}" unless system(*compiler.split, *FLAGS, *flags, *sources, "-o", path, "-lpthread")
      path
    end
    private_class_method :build
  end
end
