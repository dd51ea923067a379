# frozen_string_literal: true

# Runs random pipelines and counts their items again. Arguments: the first seed, how many, a
# directory. Somebody else kills children of this process meanwhile.

require "tmpdir"
require_relative "common"
require_relative "chaos/job"
require_relative "chaos/oracle"

FIRST, COUNT = ARGV.first(2).map { |text| Integer(text) }
DIRECTORY = ARGV[2]

$stderr.reopen(File.join(DIRECTORY, "stderr"), "a")

def stats_of(job)
  inner = job.class._minigun_task.pipelines[:inner]
  job.report.stats.stage_stats.merge(inner ? inner.stats.stage_stats : {})
end

def problems_of(shape, log)
  File.write(log, "")
  job = ChaosJob.of(shape, log)
  job.run
  ChaosOracle.new(shape, File.readlines(log, chomp: true), job.report, stats_of(job), job.seen).problems
end

def base_set
  { children: children, descriptors: Dir.children("/proc/self/fd").size, threads: Thread.list.size,
    mappings: File.foreach("/proc/self/maps").grep(%r{/dev/zero \(deleted\)}).size }
end

def within?(now, before) = now.all? { |what, count| count <= before[what] }

def settle(before)
  deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 5
  loop do
    now = base_set
    return now if within?(now, before) || Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

    GC.start
    sleep 0.02
  end
end

GC.start
before = base_set
problems = []
COUNT.times do |i|
  shape = ChaosShape.new(FIRST + i)
  File.write(File.join(DIRECTORY, "now"), shape.to_s)
  problems_of(shape, File.join(DIRECTORY, "log")).each { |text| problems << "#{shape}: #{text}" }
rescue StandardError => e
  problems << "#{shape}: raised #{e.class}: #{e.message} #{e.backtrace.first(3)}"
end
after = settle(before)
problems << "left behind: #{before} became #{after}" unless within?(after, before)
tell problems: problems
