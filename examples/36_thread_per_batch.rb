#!/usr/bin/env ruby
# frozen_string_literal: true

# A fresh thread for each batch: nothing that a thread keeps for itself passes from one batch to the
# next. That suits clients which hang their connection on the current thread.

require_relative "../lib/minigun"

# Uploads rows, one connection for each batch.
class BatchUpload
  include Minigun::DSL

  attr_reader :uploads, :uploaders

  def initialize
    @lock = Mutex.new
    @uploads = []
    @uploaders = []
  end

  pipeline do
    producer(:rows) { 18.times { |id| emit "row #{id}" } }
    batch 4

    thread_per_batch(max: 3) do
      consumer :upload do |rows|
        rows.each { |row| connection << row }
        # Up to three threads come here at the same time.
        @lock.synchronize do
          @uploads << connection
          @uploaders << Thread.current
        end
      end
    end
  end

  private

  def connection
    Thread.current[:batch_upload_connection] ||= []
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = BatchUpload.new
  job.run

  puts "rows by connection: #{job.uploads.map(&:size).sort.reverse.join(", ")}"
  puts "#{job.uploads.size} batches, #{job.uploaders.uniq.size} threads, " \
       "#{job.uploaders.count(&:alive?)} of them alive"
  puts "first and last: #{job.uploads.flatten.minmax_by { |row| row[/\d+/].to_i }.join(", ")}"
end
