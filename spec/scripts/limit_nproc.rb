# frozen_string_literal: true

# Processes and threads of a user: only this one, one more, two more ... Arguments: the context, a user
# who runs nothing else.

Process::Sys.setuid(Integer(ARGV[1]))

require_relative "limited_run"

run = LimitedRun.new(ARGV[0], :NPROC, /RLIMIT_NPROC: \d+/)
run.cool_down if ARGV[0] == "threads"
run.climb(1..40)
