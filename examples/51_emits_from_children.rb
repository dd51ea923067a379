#!/usr/bin/env ruby
# frozen_string_literal: true

# What a child emits goes on to the next stage at once, whatever its type and size. A stage that
# falls behind holds up those before it, so a fast child does not fill the memory; and a child that
# is killed takes only its own item with it.

require_relative "../lib/minigun"

# Three jobs whose middle stage runs in children.
module EmitsFromChildren
  # Items of all types, up to some megabytes.
  class AnyType
    include Minigun::DSL

    attr_reader :received

    def initialize
      @received = []
    end

    # @return [Array] what is sent, an item each
    def items
      [nil, false, 0, -1.5, 2**100, :symbol, "", "text \u00fc", "\xFF".b, [1, [2, [nil]]], { a: { "b" => 1..3 } },
       Set[1, 2], Time.at(0, 123_456_789, :nsec), 3r, String, "x" * 3_000_000]
    end

    pipeline do
      producer(:once) { emit :go }
      processes(1) { processor(:send_all) { |_go| items.each { |item| emit item } } }
      consumer(:receive) { |item| @received << item }
    end
  end

  # How far the producer is ahead of the last stage.
  class Backpressure
    include Minigun::DSL

    attr_reader :ahead, :received

    def initialize(items: 3_000)
      @items = items
      @emitted = 0
      @received = 0
      @ahead = 0
    end

    pipeline do
      # Fast, but each item takes some microseconds: of items that take none some thousand may wait.
      producer :source do
        @items.times do |number|
          emit number if number.to_s.rjust(800).bytes.sum.positive?
          @emitted += 1
        end
      end
      processes(1) { processor(:enlarge) { |number| emit number.to_s.rjust(2_000) } }
      # Slower than the others.
      consumer :sink do |text|
        @received += 1 if text.bytes.sum.positive?
        @ahead = [@ahead, @emitted - @received].max
      end
    end
  end

  # One child of five is killed while it works.
  class OneKilled
    include Minigun::DSL

    attr_reader :squares

    def initialize
      @squares = []
    end

    pipeline do
      producer(:numbers) { 5.times { |number| emit number } }
      process_per_batch(max: 2) do
        processor :square do |number|
          Process.kill(:KILL, Process.pid) if number == 3
          emit number**2
        end
      end
      consumer(:collect) { |square| @squares << square }
    end
  end
end

if $PROGRAM_NAME == __FILE__
  # The death of a child is logged as an error; here the report below tells of it.
  Minigun.logger.level = Logger::FATAL

  any = EmitsFromChildren::AnyType.new
  any.run
  puts "#{any.received.size} items of #{any.received.map(&:class).uniq.size} classes, unchanged: " \
       "#{any.received == any.items}"

  slow = EmitsFromChildren::Backpressure.new
  slow.run
  puts "#{slow.received} items, the producer never half of them ahead: #{slow.ahead < slow.received / 2}"

  killed = EmitsFromChildren::OneKilled.new
  killed.run
  puts "squares: #{killed.squares.sort.join(" ")}, failed: #{killed.report.failed}"
  killed.report.failures.each { |failure| puts "  #{failure}" }
end
