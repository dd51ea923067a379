# frozen_string_literal: true

# Kills children of a process at random moments, some of them by way of a stop; stops and continues
# others. Arguments: the pid, a seed, the longest pause in milliseconds, the log of executions. Ends
# with the process, and tells how many it has hit.
#
# Most kills wait until something was executed since the last: on a slow machine children would
# otherwise hardly ever live long enough to begin.

PARENT, SEED = ARGV.first(2).map { |text| Integer(text) }
PAUSE = Float(ARGV[2])
LOG = ARGV[3]
# The longest wait for an execution, in pauses.
PATIENCE = 20
RANDOM = Random.new(SEED)

def victims
  Dir["/proc/#{PARENT}/task/*/children"].flat_map { |path| File.read(path).split.map(&:to_i) }
rescue Errno::ENOENT, Errno::ESRCH
  []
end

def strike(pid)
  case RANDOM.rand(10)
  when 0..6 then Process.kill(:KILL, pid)
  when 7
    Process.kill(:STOP, pid)
    Process.kill(:KILL, pid)
  else
    Process.kill(:STOP, pid)
    sleep(RANDOM.rand * 0.005)
    Process.kill(:CONT, pid)
    return 0
  end
  1
rescue Errno::ESRCH
  0
end

def alive?
  !File.read("/proc/#{PARENT}/status").include?("State:\tZ")
rescue Errno::ENOENT, Errno::ESRCH
  false
end

def await_progress
  before = File.size(LOG)
  PATIENCE.times do
    # The log begins anew with each pipeline.
    break if File.size(LOG) != before

    sleep(PAUSE / 1000)
  end
rescue Errno::ENOENT
  nil
end

kills = 0
while alive?
  await_progress if RANDOM.rand < 0.8
  sleep(RANDOM.rand * PAUSE / 1000)
  pid = victims.sample(random: RANDOM)
  kills += strike(pid) if pid
end
$stdout.puts kills
