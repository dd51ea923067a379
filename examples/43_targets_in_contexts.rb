#!/usr/bin/env ruby
# frozen_string_literal: true

# One stage decides for each item who is to have it; the targets run in contexts of their own, each
# in the one that suits its work. What they collect is in the parent afterwards, wherever they ran.

require_relative "../lib/minigun"

# Distributes the files of an upload.
class UploadDesk
  include Minigun::DSL

  attr_reader :done

  def initialize
    @lock = Mutex.new
    @done = Hash.new { |done, stage| done[stage] = [] }
  end

  pipeline do
    producer :files do
      4.times { |number| %w[txt jpg mp4 zip].each { |kind| emit "file#{number}.#{kind}" } }
    end

    processor :route do |file|
      emit_to_stage({ "jpg" => :pictures, "mp4" => :films, "zip" => :archives }.fetch(file[/\w+\z/], :texts), file)
    end

    consumer(:texts) { |file| note(:texts, file) }

    threads(3) { consumer(:archives) { |file| note(:archives, file) } }
    processes(2) { consumer(:pictures) { |file| note(:pictures, file) } }
    process_per_batch(max: 2) { consumer(:films) { |file| note(:films, file) } }
  end

  private

  def note(stage, file)
    @lock.synchronize { @done[stage] << [file, Process.pid] }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = UploadDesk.new
  job.run

  job.done.sort.each do |stage, entries|
    here, elsewhere = entries.partition { |_file, pid| pid == Process.pid }
    puts "#{stage}: #{entries.map(&:first).sort.join(" ")} (#{here.size} here, #{elsewhere.size} in children)"
  end
  puts "children for films: #{job.done[:films].map(&:last).uniq.size}"
end
