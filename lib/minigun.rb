# frozen_string_literal: true

require "json"
require "logger"
require "securerandom"
require "set"
require "time"

require_relative "minigun/version"
require_relative "minigun/errors"
require_relative "minigun/native"
require_relative "minigun/process_groups"
require_relative "minigun/dead_letter"
require_relative "minigun/shared"
require_relative "minigun/scope"
require_relative "minigun/dag"
require_relative "minigun/hooks"
require_relative "minigun/stats"
require_relative "minigun/emission"
require_relative "minigun/stage"
require_relative "minigun/stage/atomic_stage"
require_relative "minigun/stage/accumulator_stage"
require_relative "minigun/stage/pipeline_stage"
require_relative "minigun/pipeline"
require_relative "minigun/task"
require_relative "minigun/execution/context"
require_relative "minigun/execution/context_pool"
require_relative "minigun/report"
require_relative "minigun/flow"
require_relative "minigun/runner"
require_relative "minigun/dsl"

# Pipelines of stages that run in line, in threads or in forked processes.
#
# @example
#   class Squares
#     include Minigun::DSL
#
#     pipeline do
#       producer(:numbers) { 10.times { |n| emit(n) } }
#       processor(:square) { |n| emit(n * n) }
#       consumer(:print) { |n| puts n }
#     end
#   end
#
#   Squares.new.run # => 10
module Minigun
  class << self
    # @return [Logger] where the library logs; anything that answers `info` and `error`
    attr_writer :logger

    # @return [Logger] by default one object that writes to `$stdout` from level INFO on
    def logger
      @logger ||= Logger.new($stdout, level: Logger::INFO)
    end

    # @return [Scope, nil] the stage block that runs on this thread, or on the one that started it:
    #   it answers `emit`, `emit_to_stage`, `stage_name` and `shared`
    def current = Scope.current

    # @param instance [Object] of a class that includes the DSL
    # @param name [Symbol]
    # @return [SharedCounter, SharedCollection] what the class declared under this name, also where
    #   it has a method of its own by that name
    # @raise [KeyError] when it declared nothing of the kind
    def shared(instance, name) = SharedReaders.fetch(instance, name)
  end
end
