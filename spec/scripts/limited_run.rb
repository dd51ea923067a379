# frozen_string_literal: true

require "json"
require_relative "base_set"
require_relative "common"

# Runs under a limit that is raised step by step, all in one process, and what must hold after each.
module LimitedRun
  ITEMS = (0...8).to_a.freeze
  # What may pass until the first error is told.
  ERROR_SECONDS = 3

  # Every stage of it forks; the record of each item is larger than what is held in memory.
  class Job
    include Minigun::DSL

    attr_reader :results, :seen, :first_error

    def initialize(kind, options)
      @kind = kind
      @options = options
      @results = []
      @seen = []
    end

    pipeline do
      kind = @kind
      extra = @options
      producer(:source) { ITEMS.each { |n| emit n } }
      within(self, kind) do |options|
        processor(:work, options.merge(extra)) do |number|
          @seen << number
          emit number
        end
      end
      consumer(:sink) { |number| @results << number }
    end
  end

  module_function

  # @return [Array<String>] what went wrong with a run that met a limit; empty = nothing
  # @yieldparam job [Job]
  def problems(job, names)
    began = BaseSet.now
    raised = begin
      job.run
      nil
    rescue Minigun::Error, SystemCallError, ThreadError, NoMemoryError => e
      e
    end
    seconds = BaseSet.now - began
    p [raised, job.report&.failures&.map{|f| [f.item, f.error.message[0,200]]}, seconds]
  end
end
