# frozen_string_literal: true

require "fileutils"
require_relative "native_suite"

# The Spin model of the ring, and its mutants: every one of them must be found.
class RingModel
  SOURCE = File.expand_path("model/ring.pml", __dir__)
  SOUND = [[], %w[PARENT_DIES]].freeze
  MUTANTS = [
    %w[EARLY_PUBLISH], %w[EARLY_RELEASE], %w[RING_BEFORE_DEATH], %w[NO_RECHECK], %w[LATE_ANNOUNCE],
    %w[WAKE_BEFORE_STORE], %w[NO_DEATH_NOTICE], %w[CLOSED_TOO_SOON], %w[PARENT_DIES NO_ORPHAN_CHECK]
  ].freeze
  # Never reached: a search that would go deeper is no longer complete, and says so as an error.
  # The deepest so far: 170 steps.
  DEPTH = "10000"

  def initialize(directory)
    @directory = directory
  end

  # @return [Array<String>] what went wrong
  def problems
    found = Queue.new
    NativeSuite.each_parallel(SOUND) do |defines|
      found << "#{name(defines)}: an error was found" unless search(defines).zero?
    end
    NativeSuite.each_parallel(MUTANTS) do |defines|
      found << "#{name(defines)}: the mutant was not found" if search(defines).zero?
    end
    Array.new(found.size) { found.pop }
  end

  private

  def name(defines) = defines.empty? ? "the protocol" : defines.join(" with ")

  # The searches are short: what an optimized one would save, the compiler would take.
  #
  # @return [Integer] errors
  def search(defines)
    directory = File.join(@directory, [*defines, "search"].join("_").downcase)
    FileUtils.mkdir_p(directory)
    command(directory, "spin", "-a", *defines.map { |define| "-D#{define}" }, SOURCE)
    command(directory, "gcc", "-O0", "-DSAFETY", "-o", "pan", "pan.c")
    output = command(directory, "./pan", "-m#{DEPTH}")
    raise "the search was cut short:\n#{output}" if output.include?("max search depth too small")

    errors = Integer(output[/errors: (\d+)/, 1])
    warn "#{name(defines)}: #{output[/(\d+) states, stored/, 1]} states, #{errors} errors"
    errors
  end

  def command(directory, *words)
    output = IO.popen([*words, { chdir: directory, err: %i[child out] }], &:read)
    raise "#{words.join(" ")} failed:\n#{output}" unless $?.success?

    output
  end
end
