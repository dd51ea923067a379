#!/usr/bin/env ruby
# frozen_string_literal: true

# Context blocks nest, with batches between the stages: the inner block decides, and behind its end
# the outer one holds again. The same job twice: the children's results by way of a file, and as they
# come home by themselves.

require "json"
require "tempfile"
require_relative "../lib/minigun"

# Finds the slowest request to each page of a web site.
module SlowestRequests
  # The lines of a request log.
  def self.each_line
    30.times { |number| yield "GET /#{%w[cart help search][number % 3]} #{100 + number}ms\n" }
  end

  # @return [Hash{String => Integer}] milliseconds of the slowest request by path
  def self.in(lines)
    lines.each_with_object(Hash.new(0)) do |line, slowest|
      _verb, path, time = line.split
      slowest[path] = [slowest[path], time.to_i].max
    end
  end

  # By hand: children append JSON lines to a file under a lock, a hook reads them.
  class ByFile
    include Minigun::DSL

    attr_reader :slowest

    def initialize
      @slowest = Hash.new(0)
      @file = Tempfile.new("slowest")
      @file.close
    end

    pipeline do
      producer(:log) { SlowestRequests.each_line { |line| emit line } }
      threads(3) do
        processor(:clean) { |line| emit line.chomp }
        batch 10
        process_per_batch(max: 2) do
          consumer(:evaluate) { |lines| write(SlowestRequests.in(lines)) }
        end
      end
      after_run { read }
    end

    private

    def write(found)
      File.open(@file.path, "a") do |file|
        file.flock(File::LOCK_EX)
        found.each { |path, time| file.puts({ path: path, time: time }.to_json) }
      end
    end

    def read
      File.foreach(@file.path) do |line|
        path, time = JSON.parse(line).values_at("path", "time")
        page = path.delete_prefix("/")
        @slowest[page] = [@slowest[page], time].max
      end
      @file.unlink
    end
  end

  # Without: the child emits, and the next stage runs in threads of the parent again.
  class ByEmit
    include Minigun::DSL

    attr_reader :slowest

    def initialize
      @slowest = Hash.new(0)
    end

    pipeline do
      producer(:log) { SlowestRequests.each_line { |line| emit line } }
      threads(3) do
        processor(:clean) { |line| emit line.chomp }
        batch 10
        process_per_batch(max: 2) do
          processor(:evaluate) { |lines| SlowestRequests.in(lines).each { |path, time| emit [path, time] } }
        end
        processor(:name) { |path, time| emit [path.delete_prefix("/"), time] }
      end
      consumer(:compare) { |page, time| @slowest[page] = [@slowest[page], time].max }
    end
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  by_file, by_emit = [SlowestRequests::ByFile, SlowestRequests::ByEmit].map { |job| job.new.tap(&:run).slowest }

  by_emit.sort.each { |page, time| puts "#{page}: #{time} ms" }
  puts "both ways agree: #{by_file == by_emit}"
end
