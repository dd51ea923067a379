# frozen_string_literal: true

# Address space: what is in use, and some more ... Argument: the context.

require_relative "limited_run"

STEP = 1 << 20

run = LimitedRun.new(ARGV[0], :AS, /RLIMIT_AS: \d+|failed to allocate memory/)
used = File.read("/proc/self/status")[/^VmSize:\s+(\d+)/, 1].to_i * 1024
run.climb((0..256).lazy.map { |n| used + (n * STEP) })
