#!/usr/bin/env ruby
# frozen_string_literal: true

# A context that has a name is described once and used by any stage, wherever it stands. The sizes
# are in one place then, and the order of the stages need not follow the contexts.

require_relative "../lib/minigun"

# Reads and tags documents in threads, sorts and weighs their words in processes, in turn.
class DocumentMill
  include Minigun::DSL

  attr_reader :pids, :stored

  def initialize(count = 24)
    @count = count
    @pids = { read: Set.new, sort: Set.new, tag: Set.new, weigh: Set.new }
    @stored = []
  end

  pipeline do
    execution_context :waiting, :threads, 4
    execution_context :computing, :processes, 2

    producer(:numbers) { @count.times { |number| emit number } }

    processor :read, execution_context: :waiting do |number|
      @pids[:read] << Process.pid
      emit "document #{number} " * 3
    end

    processor :sort, execution_context: :computing do |text|
      @pids[:sort] << Process.pid
      emit text.split.sort
    end

    processor :tag, execution_context: :waiting do |words|
      @pids[:tag] << Process.pid
      emit [words.first, words]
    end

    processor :weigh, execution_context: :computing do |tag, words|
      @pids[:weigh] << Process.pid
      emit [tag.to_i, words.sum(&:size)]
    end

    consumer(:store) { |row| @stored << row }
  end
end

if $PROGRAM_NAME == __FILE__
  Minigun.logger.level = Logger::WARN
  job = DocumentMill.new
  job.run

  job.pids.each do |stage, pids|
    puts "#{stage}: #{pids.include?(Process.pid) ? "threads of this process" : "child processes"}"
  end
  weights = job.stored.sort
  puts "#{weights.size} documents, number #{weights.last.first} weighs #{weights.last.last}"
end
