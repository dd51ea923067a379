# frozen_string_literal: true

require_relative "../spec_helper"

# What blocks are given serves again. A collection that begins where another thread has its turn finds it
# nowhere but on a stack, and the next one no longer there.
RSpec.describe "What blocks are given, and the garbage collector" do
  # In programs of their own: what goes wrong here ends a process.
  def script(around)
    <<~RUBY
      require "minigun"
      Minigun.logger.level = Logger::ERROR

      # All garbage where a thread takes its group, now and then.
      module Collecting
        CALLS = [0]

        def add(thread)
          super
          GC.start if ((CALLS[0] += 1) % 7).zero?
        end
      end
      Minigun::Native::Carrier.prepend(Collecting)

      class Job
        include Minigun::DSL

        attr_reader :results

        def initialize = @results = []

        # A block that has made this much may have started a thread.
        pipeline do
          producer(:numbers) { 300.times { |n| emit n } }
          #{around} do
            processor(:work) do |n|
              GC.start(full_mark: false)
              100.times { "freed memory" + "is written over" }
              emit [n, Collecting::CALLS[0]]
            end
          end
          consumer(:keep) { |pair| @results << pair }
        end
      end

      results = Job.new.tap(&:run).results
      print results.sum(&:first), " ", results.map(&:last).max > 100
    RUBY
  end

  { "threads" => "threads(1)", "a pool of processes" => "processes(1)" }.each do |place, around|
    it "get along where blocks run in #{place}" do
      result = run_script(script(around))
      expect(result.stdout).to eq("44850 true"), result.stderr
    end
  end
end
