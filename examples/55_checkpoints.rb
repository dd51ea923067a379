#!/usr/bin/env ruby
# frozen_string_literal: true

# A job that is killed in the middle, and goes on from its last checkpoint: nothing is left out, and only
# what was under way is done a second time.

require_relative "../lib/minigun"
require "English"
require "tmpdir"

# Copies orders into files, one for each batch.
class OrderCopy
  include Minigun::DSL

  def self.orders = 200

  def initialize(directory, die_after: nil)
    @directory = directory
    @die_after = die_after
    @batches = 0
  end

  # @return [Integer] where to begin
  def cursor
    path = File.join(@directory, "cursor")
    File.exist?(path) ? Integer(File.read(path)) : 0
  end

  def copied
    Dir[File.join(@directory, "*.batch")].flat_map { |path| File.readlines(path).map(&:to_i) }
  end

  pipeline do
    producer :orders, from: 0...OrderCopy.orders
    processes(3) { processor(:price) { |order| emit order } } # one overtakes the other
    batch 10, by: ->(order) { order % 3 }
    consumer :copy do |orders|
      File.write(File.join(@directory, "#{Process.pid}-#{orders.first}.batch"), "#{orders.join("\n")}\n")
      Process.kill(:KILL, Process.pid) if (@batches += 1) == @die_after
    end
    checkpoint every: 20 do |cursor|
      path = File.join(@directory, "cursor")
      File.write("#{path}.new", cursor)
      File.rename("#{path}.new", path) # a file is never half written
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN

  Dir.mktmpdir do |directory|
    pid = fork { OrderCopy.new(directory, die_after: 12).run }
    Process.wait(pid)
    job = OrderCopy.new(directory)
    puts "killed: #{$CHILD_STATUS.signaled?}, all done: #{job.copied.uniq.size == OrderCopy.orders}"

    start = job.cursor
    rest = job.run(resume_from: start)
    puts "goes on with one of the first 120: #{start <= 120}, up to the last: #{start + rest == OrderCopy.orders}"
    puts "all done: #{job.copied.uniq.sort == (0...OrderCopy.orders).to_a}, cursor: #{job.cursor}"
  end
end
