# frozen_string_literal: true

# A job that kills itself after some items the first two times, and goes on from its checkpoint.

require_relative "common"

DIRECTORY, ROUND = ARGV

class Resumed
  include Minigun::DSL

  def initialize = @seen = 0

  pipeline do
    producer :source, from: 0...120
    processes(2) { processor(:work) { |n| emit n } }
    batch 3, by: :odd?
    threads(2) { processor(:unpack) { |list| list.each { |n| emit n } } }
    consumer :sink do |n|
      append("done", n)
      @seen += 1
      Process.kill(:KILL, Process.pid) if @seen == { "0" => 30, "1" => 61 }[ROUND]
    end
    checkpoint(every: 8) { |cursor| append("cursor", cursor) }
  end

  def append(name, text)
    File.open(File.join(DIRECTORY, name), "a") { |file| file.puts(text) }
  end
end

cursors = File.join(DIRECTORY, "cursor")
start = File.exist?(cursors) ? Integer(File.readlines(cursors).last) : 0
Resumed.new.run(resume_from: start)
