# frozen_string_literal: true

# No room for files: neither for what is held back of an item that may run again, nor in /dev/shm. To be
# run in a mount namespace of its own. Arguments: the context, an empty directory.

require "json"

KIND, DIRECTORY = ARGV
[["size=2m", DIRECTORY], ["size=4k", "/dev/shm"]].each do |size, path|
  system("mount", "-t", "tmpfs", "-o", size, "none", path, exception: true)
end
File.write("/dev/shm/full", "x" * 4096)
ENV["TMPDIR"] = DIRECTORY

require_relative "base_set"
require_relative "common"

# Item 1 emits more than the directory takes, the others what is held in memory.
class Job
  include Minigun::DSL

  attr_reader :sizes

  def initialize(large)
    @large = large
    @sizes = Hash.new(0)
  end

  pipeline do
    large = @large
    producer(:source) { 4.times { |n| emit n } }
    within(self, KIND) do |options|
      processor(:work, options.merge(retries: 1)) do |n|
        (n == 1 ? large : 4).times { emit [n, "x" * 65_536] }
      end
    end
    consumer(:sink) { |n, text| @sizes[n] += text.bytesize }
  end
end

def outcome(job)
  failures = job.report.failures.map { |failure| [failure.item, failure.error.message, failure.attempt] }
  { sizes: job.sizes.sort, failures: failures }
end

before = BaseSet.take
full = Job.new(80).tap(&:run)
left = Dir.children(DIRECTORY)
again = Job.new(24).tap(&:run)
tell before: before, after: BaseSet.settled(before), full: outcome(full), left: left, again: outcome(again),
     shm: Dir.children("/dev/shm")
