#!/usr/bin/env ruby
# frozen_string_literal: true

# `run` is for programs: it gives the job an id, logs a summary, and on INT, TERM or QUIT finishes
# what was begun. `perform` runs the pipeline and nothing else, for use inside a server or worker
# that has signals and logs of its own. Both return the number of items that were produced. A child
# bears the name of its stage as process title, which `ps` and `top` show.

require "stringio"
require_relative "../lib/minigun"

# Resizes pictures in children, which say under what name they are listed.
class PictureResizer
  include Minigun::DSL

  attr_reader :titles, :pids

  def initialize
    @titles = []
    @pids = []
  end

  pipeline do
    producer(:pictures) { 6.times { |number| emit "picture#{number}.png" } }
    batch 3

    process_per_batch(max: 2) do
      consumer :resize do |_names|
        @titles << process_title
        @pids << Process.pid
      end
    end
  end

  private

  def process_title
    linux = "/proc/self/cmdline"
    title = File.exist?(linux) ? File.read(linux) : IO.popen(["ps", "-o", "args=", "-p", Process.pid.to_s], &:read)
    title.delete("\0").strip
  end
end

if $PROGRAM_NAME == __FILE__
  %i[run perform].each do |way|
    log = StringIO.new
    Minigun.logger = Logger.new(log)
    job = PictureResizer.new
    produced = job.public_send(way)

    puts "#{way}: #{produced} produced by #{Process.pid}, resized by #{job.pids.sort.join(" and ")}"
    puts "  titles: #{job.titles.uniq.join(", ")}"
    puts "  job ids in the log: #{log.string.scan(/\[Job:(\h{8})\]/).uniq.size}"
  end
end
