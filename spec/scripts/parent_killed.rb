# frozen_string_literal: true

# Has children of every origin at work, again and again, until somebody kills it: of the main thread, of
# a fiber, of a thread that has ended; in a pool, for each item, in contexts; with rings that are full and
# files of what is held back. Argument: a file that gets a byte for each origin that is at work.

require_relative "common"

def at_work = File.write(ARGV[0], ".", mode: "a")

class Endless
  include Minigun::DSL

  def initialize(kind)
    @kind = kind
    @told = false
  end

  pipeline do
    kind = @kind
    producer(:source) { loop { emit "x" * 500 } }
    within(self, kind) do |options|
      processor(:work, options.merge(retries: 1)) do |text|
        40.times { emit text * 100 } # more than what is held in memory
      end
    end
    consumer(:sink) do |_|
      at_work unless @told
      @told = true
    end
  end
end

def slot
  child = Minigun::Native::Child.new(ring: 4096)
  child.spawn { |channel| loop { channel.write(1, 0, "x" * 100) } }
  child.read
  at_work
  child
end

def contexts
  told = false
  loop do
    context = Minigun::Execution.create_context(:fork, "value")
    context.execute { "x" * 300_000 }
    context.join
    at_work unless told
    told = true
  end
end

slots = [slot, Fiber.new { slot }.resume, Thread.new { slot }.value]
threads = %w[processes process_per_batch].map { |kind| Thread.new { Endless.new(kind).perform } }
threads << Thread.new { contexts }
threads.each(&:join)
slots.each(&:close)
