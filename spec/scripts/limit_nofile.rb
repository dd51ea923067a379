# frozen_string_literal: true

# Descriptors: none free, one, two ... Argument: the context.

require_relative "limited_run"

# The limit counts from zero: no number below the highest one in use may be free.
highest = Dir.children("/proc/self/fd").map(&:to_i).max
fill = []
fill << File.open(File::NULL) until fill.any? && fill.last.fileno > highest

LimitedRun.new(ARGV[0], :NOFILE, /RLIMIT_NOFILE: \d+/).cool_down.climb((highest + 2)..(highest + 40))
