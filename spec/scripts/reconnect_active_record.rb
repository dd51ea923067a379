# frozen_string_literal: true

# Runs jobs with ActiveRecord, in a process of its own: it changes classes of Ruby for all who share it.
# Prints what is wrong, line by line.
#
#   ruby reconnect_active_record.rb URL    sessions on a PostgreSQL server
#   ruby reconnect_active_record.rb PATH   rows in a file of SQLite

require "minigun"
require "active_record"
require_relative "../support/session_jobs"

Minigun.logger.level = Logger::WARN

# Asks with a connection that it gives back: a thread keeps its own otherwise.
def backend = ActiveRecord::Base.connection_pool.with_connection { |one| one.select_value("SELECT pg_backend_pid()") }

def check_sessions(url)
  ActiveRecord::Base.establish_connection(url)
  connection = ActiveRecord::Base.connection
  connection.execute("BEGIN; CREATE TEMPORARY TABLE mine (n int)")
  parent = backend
  SessionJobs::FORMS.keys.values_at(0, 3).each do |form|
    job = SessionJobs.build([[:active_record], {}], form) { backend }.new
    job.run
    $stdout.puts(SessionJobs.faults(job, parent).map { |fault| "#{form}: #{fault}" })
  end
  $stdout.puts "the parent has lost its session" unless backend == parent
  $stdout.puts "the parent has lost its transaction" unless connection.select_value("SELECT count(*) FROM mine").zero?
end

# A job of rows that children copy.
class CopyRows
  include Minigun::DSL

  class Row < ActiveRecord::Base; end

  reconnect :active_record
  pipeline do
    producer(:rows) { CopyRows::Row.where(copied: false).ids.each { |id| emit(id) } }
    batch 5
    # In one thread each: one that waits for SQLite's lock keeps the others of its process from giving it back.
    process_per_batch(max: 2) do
      consumer(:copy) { |ids| ids.each { |id| CopyRows::Row.find(id).update!(copied: true) } }
    end
  end
end

def check_rows(path)
  ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: path, timeout: 10_000)
  ActiveRecord::Schema.verbose = false
  ActiveRecord::Schema.define { create_table(:rows) { |table| table.boolean :copied, default: false } }
  30.times { CopyRows::Row.create! }
  job = CopyRows.new
  job.run
  $stdout.puts(job.report.failures.map { |failure| failure.error.message })
  copied = CopyRows::Row.where(copied: true).count
  $stdout.puts "#{copied} rows copied" unless copied == 30
end

ARGV.first.start_with?("postgres") ? check_sessions(ARGV.first) : check_rows(ARGV.first)
