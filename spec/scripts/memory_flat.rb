# frozen_string_literal: true

# Small items through a forked stage and back, in a process whose memory must not grow. Arguments: the
# context, how many items, of which every how many the memory is looked at, items in a batch.

require "json"
require_relative "common"

KIND = ARGV[0]
COUNT = Integer(ARGV[1])
STEP = Integer(ARGV[2])
BATCH = Integer(ARGV.fetch(3, 5_000))

# Kilobytes of memory of its own: the rings, which are shared, have a fixed size. Lists that have grown old
# may wait for tens of megabytes of their like before Ruby collects them.
def memory
  GC.start
  File.read("/proc/self/status")[/^RssAnon:\s+(\d+)/, 1].to_i
end

class Stream
  include Minigun::DSL

  attr_reader :seen, :sizes

  def initialize
    @seen = 0
    @sizes = []
  end

  def count
    @seen += 1
    @sizes << memory if (@seen % STEP).zero?
  end

  pipeline do
    producer(:source) { COUNT.times { |n| emit n } }
    if KIND == "process_per_batch"
      accumulator(:collect, max_size: BATCH)
      within(self, KIND) { |options| processor(:work, options) { |batch| batch.each { |n| emit n } } }
    else
      within(self, KIND) { |options| processor(:work, options) { |n| emit n } }
    end
    consumer(:sink) { |_| count }
  end
end

stream = Stream.new.tap(&:run)
tell seen: stream.seen, failed: stream.report.failed, sizes: stream.sizes
