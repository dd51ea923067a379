#!/usr/bin/env ruby
# frozen_string_literal: true

# A crawler in processes: each page is fetched once in the whole job, a few at a time, and written
# to one file by one process at a time. A worker that is killed while it holds the file keeps
# nobody from it.
#
#   ruby examples/60_one_for_all.rb

require_relative "../lib/minigun"
require "tempfile"

# Follows the links of a small site.
class OneForAll
  include Minigun::DSL

  # What each page links to.
  def self.links
    { "/" => %w[/news /shop /about], "/news" => %w[/ /news/1 /news/2], "/news/1" => %w[/news /crash],
      "/news/2" => %w[/news /shop], "/shop" => %w[/ /about /shop/cart], "/shop/cart" => %w[/shop],
      "/about" => %w[/], "/crash" => %w[/about] }
  end

  shared_set :seen                   # which pages somebody has taken on
  semaphore :connections, permits: 2 # not more at once, over all workers
  mutex :file                        # one writer at a time
  shared_counter :repairs

  attr_reader :path

  def initialize(path)
    @path = path
  end

  def fetch(page) = connections.synchronize { self.class.links.fetch(page) }

  def write(line)
    file.synchronize do
      repairs.increment if file.abandoned? # the last writer died: here is the place to put things right
      Process.kill(:KILL, Process.pid) if line == "/crash"
      File.write(path, "#{line}\n", mode: "a")
    end
  end

  pipeline do
    producer(:start) { emit("/") }
    processes(4) do
      processor :crawl do |page|
        next unless seen.add?(page) # true once, whoever asks

        links = fetch(page)
        links.each { |link| emit_to_stage(:crawl, link) }
        write(page)
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::FATAL # the death of a worker is logged as an error
  Tempfile.create("pages") do |pages|
    job = OneForAll.new(pages.path)
    job.run
    job.write("the end")
    lines = pages.readlines(chomp: true)
    puts "#{job.seen.size} pages taken on, #{lines.size - 1} written, none twice: #{lines.uniq == lines}"
    puts "failed: #{job.report.failed}; the file was taken over after a death: #{job.repairs.value.positive?}"
    puts "free connections: #{job.connections.available} of #{job.connections.permits}"
  end
end
