#!/usr/bin/env ruby
# frozen_string_literal: true

# Stages that mostly wait (for a network, a disk, another service) gain from threads: ten of them
# wait at the same time, in the memory of this process, and the whole takes about as long as two
# waits in a row.

require_relative "../lib/minigun"

# Fetches the pages of a small web site that answers slowly.
class SlowSiteMirror
  include Minigun::DSL

  attr_reader :titles

  def initialize(pages: 20, delay: 0.02)
    @pages = pages
    @delay = delay
    @titles = []
  end

  pipeline do
    producer(:addresses) { @pages.times { |number| emit "/page/#{number}" } }

    threads(10) do
      processor(:fetch) { |path| emit [path, fetch(path)] }
      processor(:parse) { |path, html| emit [path, html[%r{<title>(.*)</title>}, 1]] }
    end

    # Outside of the block again: one item at a time, so no lock is needed.
    consumer(:collect) { |path, title| @titles << "#{path} #{title}" }
  end

  # @return [Float] seconds that the waits alone would take, one after the other
  def waits
    @pages * @delay
  end

  private

  def fetch(path)
    sleep @delay
    "<html><title>#{path.delete_prefix("/").tr("/", " ").capitalize}</title></html>"
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = SlowSiteMirror.new
  job.run

  puts "#{job.titles.size} pages, from #{job.titles.min} to #{job.titles.max}"
  puts "#{job.report.runtime.round(2)} s; the waits alone add up to #{job.waits.round(2)} s"
end
