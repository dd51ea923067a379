# frozen_string_literal: true

# Runs random pipelines and counts their items again. Arguments: the first seed, how many, a
# directory. Somebody else kills children of this process meanwhile.

require "tmpdir"
require_relative "common"
require_relative "chaos/course"
require_relative "chaos/oracle"

FIRST, COUNT = ARGV.first(2).map { |text| Integer(text) }
DIRECTORY = ARGV[2]

$stderr.reopen(File.join(DIRECTORY, "stderr"), "a")

def stats_of(job)
  inner = job.class._minigun_task.pipelines[:inner]
  job.report.stats.stage_stats.merge(inner ? inner.stats.stage_stats : {})
end

# @return [Array(Integer, Array<String>)] batches in processes of their own, and what is wrong
def run_one(shape, log)
  log.truncate(0)
  job = ChaosJob.of(shape, log)
  course = ChaosCourse.new(shape, job).run
  # What was thrown in has come before there was anything to report.
  return [0, course.problems] if job.report.nil? && !course.whole?

  oracle = ChaosOracle.new(shape, File.readlines(log.path, chomp: true), job, stats_of(job), course)
  [oracle.forked_batches, course.problems + oracle.problems]
end

def base_set
  { children: children, descriptors: Dir.children("/proc/self/fd").size, threads: Thread.list.size,
    mappings: File.foreach("/proc/self/maps").grep(%r{/dev/zero \(deleted\)}).size }
end

def each_open = Dir.children("/proc/self/fd").filter_map { |fd| yield fd if File.exist?("/proc/self/fd/#{fd}") }

# What a look at the process from outside would show.
def remains
  { open: each_open { |fd| File.readlink("/proc/self/fd/#{fd}") }, tasks: Dir.children("/proc/self/task").size,
    children: `ps -o pid,stat,args --ppid #{Process.pid}`.lines.drop(1).grep_v(/ ps -o /) }
end

def within?(now, before) = now.all? { |what, count| count <= before[what] }

def settle(before)
  deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 60
  loop do
    now = base_set
    return now if within?(now, before) || Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

    GC.start
    sleep 0.02
  end
end

ChaosCourse.listen
log = File.new(File.join(DIRECTORY, "log"), "a")
GC.start
before = base_set
problems = []
batches = 0
COUNT.times do |i|
  shape = ChaosShape.new(FIRST + i)
  File.write(File.join(DIRECTORY, "now"), shape.to_s)
  forked, wrong = run_one(shape, log)
  batches += forked
  wrong.each { |text| problems << "#{shape}: #{text}" }
rescue StandardError => e
  problems << "#{shape}: raised #{e.class}: #{e.message} #{e.backtrace.first(3)}"
end
after = settle(before)
unless within?(after, before)
  problems << "left behind after seeds #{FIRST} to #{FIRST + COUNT - 1}: #{before} became #{after}: #{remains}"
end
tell problems: problems, batches: batches
