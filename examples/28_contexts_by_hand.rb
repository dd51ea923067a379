#!/usr/bin/env ruby
# frozen_string_literal: true

# An execution context runs one block somewhere: here, in a thread, in a forked child, in a Ractor.
# Stages use them behind the scenes; on its own one is handy when a single block should run beside
# the program, and its value or its error is wanted later.

require_relative "../lib/minigun"

# What contexts of each type do, one question a method.
module ContextsByHand
  module_function

  def context(type)
    Minigun::Execution.create_context(type, "#{type} by hand")
  end

  # `execute` starts the block and returns at once, `join` waits for its value.
  def answers
    %i[inline thread fork ractor].to_h { |type| [type, context(type).execute { 6 * 7 }.join] }
  end

  # Both children are under way before the first one is waited for.
  def children_at_once
    [1..500, 501..1_000].map { |range| context(:fork).execute { range.sum } }.map(&:join)
  end

  # A thread shares the memory of the program, a child works on a copy of it.
  def memory
    %i[thread fork].to_h do |type|
      list = []
      context(type).execute { list << :added }.join
      [type, list]
    end
  end

  # `join` raises what the block raised. An inline block runs inside `execute`, which raises then.
  def errors
    %i[inline thread fork ractor].to_h do |type|
      [type, context(type).execute { raise KeyError, "no such page" }.join]
    rescue KeyError => e
      [type, "#{e.class}: #{e.message}"]
    end
  end

  # A block that never ends can be ended.
  def terminated
    %i[thread fork].to_h do |type|
      endless = context(type).execute { loop { sleep } }
      before = endless.alive?
      endless.terminate
      [type, [before, endless.alive?]]
    end
  end

  # A child that leaves by itself has no value to send.
  def left_early
    context(:fork).execute { exit }.join
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  puts "values"
  ContextsByHand.answers.each { |type, value| puts "  #{type}: #{value}" }
  puts "two children at once"
  puts "  #{ContextsByHand.children_at_once.join(" + ")}"
  puts "what the block added to a list"
  ContextsByHand.memory.each { |type, list| puts "  #{type}: #{list.inspect}" }
  puts "errors"
  ContextsByHand.errors.each { |type, text| puts "  #{type}: #{text}" }
  puts "alive before and after terminate"
  ContextsByHand.terminated.each { |type, alive| puts "  #{type}: #{alive.join(", ")}" }
  puts "the value of a child that exits"
  puts "  #{ContextsByHand.left_early.inspect}"
end
