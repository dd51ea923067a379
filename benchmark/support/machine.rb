# frozen_string_literal: true

require "etc"

module Bench
  # What the figures depend on.
  module Machine
    GEMS = %w[parallel msgpack].freeze
    POLICIES = { 0 => "time sharing", 1 => "FIFO", 2 => "round robin, real time", 3 => "batch", 5 => "idle" }.freeze

    module_function

    # @return [Array<String>] lines
    def lines
      ["#{cpu}, #{Etc.nprocessors} cores, #{kernel}, scheduling: #{policy}",
       "#{RUBY_DESCRIPTION}, minigun #{Minigun::VERSION}, #{gems}"]
    end

    def cpu
      File.foreach("/proc/cpuinfo").find { |line| line.start_with?("model name") }.to_s.split(": ", 2).last.to_s.strip
    rescue SystemCallError
      RUBY_PLATFORM
    end

    def kernel = Etc.uname.values_at(:sysname, :release).join(" ")

    def gems
      GEMS.map { |name| "#{name} #{Gem.loaded_specs[name]&.version || "missing"}" }.join(", ")
    end

    # Real time (`chrt -r 5 rake bench`) keeps other work of a shared machine off both cores.
    def policy
      number = File.read("/proc/self/sched")[/^policy\s*:\s*(\d+)/, 1]
      number ? POLICIES.fetch(number.to_i, number) : "unknown"
    rescue SystemCallError
      "unknown"
    end
  end
end
