#!/usr/bin/env ruby
# frozen_string_literal: true

# A ContextPool hands out execution contexts and knows which are in use, so that all of them can be
# joined or ended together. Its size is a measure, not a limit: `acquire` never waits and never
# refuses; whoever wants a limit asks `at_capacity?` first.

require_relative "../lib/minigun"

# Ways to use a pool, one a method.
module ContextPoolTour
  module_function

  def pool(type, size)
    Minigun::Execution::ContextPool.new(type: type, max_size: size)
  end

  # Ten children from a pool of five: the values come back in the order of `acquire`.
  def beyond_the_size
    children = pool(:fork, 5)
    10.times { |number| children.acquire.execute { number**2 } }
    [children.active_count, children.at_capacity?, children.join_all, children.active_count]
  end

  # A new child only while there is room, the oldest one is waited for otherwise.
  def within_the_size
    children = pool(:fork, 3)
    running = []
    most = 0
    values = []
    8.times do |number|
      values << finish(children, running.shift) if children.at_capacity?
      running << children.acquire.execute { number * 10 }
      most = [most, children.active_count].max
    end
    [most, values + children.join_all]
  end

  def finish(children, context)
    context.join.tap { children.release(context) }
  end

  # Blocks that never return are ended together.
  def endless_loops(type, count)
    busy = pool(type, 4)
    contexts = Array.new(count) { busy.acquire.execute { loop { sleep } } }
    alive = contexts.count(&:alive?)
    busy.terminate_all
    [alive, contexts.count(&:alive?), busy.active_count]
  end

  # An inline context can be used again, any other has run its block.
  def reused?(type)
    contexts = pool(type, 2)
    first = contexts.acquire
    contexts.release(first)
    contexts.acquire.equal?(first)
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  active, full, squares, left = ContextPoolTour.beyond_the_size
  puts "10 children from a pool of 5: #{active} active, at capacity: #{full}"
  puts "  values #{squares.join(" ")}, then #{left} active"

  most, values = ContextPoolTour.within_the_size
  puts "8 children, a place awaited for each: never more than #{most} active"
  puts "  values #{values.join(" ")}"

  { thread: 20, fork: 6 }.each do |type, count|
    alive, after, active = ContextPoolTour.endless_loops(type, count)
    puts "#{count} endless #{type} blocks from a pool of 4: #{alive} alive; " \
         "after terminate_all #{after} alive, #{active} active"
  end

  %i[inline thread].each { |type| puts "released #{type} context used again: #{ContextPoolTour.reused?(type)}" }
end
