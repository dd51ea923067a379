# frozen_string_literal: true

require "fileutils"

# The Spin model of the ring, and its mutants: every one of them must be found.
class RingModel
  SOURCE = File.expand_path("model/ring.pml", __dir__)
  SOUND = [[], %w[PARENT_DIES]].freeze
  MUTANTS = [
    %w[EARLY_PUBLISH], %w[EARLY_RELEASE], %w[RING_BEFORE_DEATH], %w[NO_RECHECK], %w[LATE_ANNOUNCE],
    %w[WAKE_BEFORE_STORE], %w[NO_DEATH_NOTICE], %w[CLOSED_TOO_SOON], %w[PARENT_DIES NO_ORPHAN_CHECK]
  ].freeze
  # Never reached: a search that would go deeper is no longer complete, and says so as an error.
  DEPTH = "1000000"

  def initialize(directory)
    @directory = directory
    FileUtils.mkdir_p(directory)
  end

  # @return [Array<String>] what went wrong
  def problems
    SOUND.filter_map { |defines| "#{name(defines)}: an error was found" unless search(defines).zero? } +
      MUTANTS.filter_map { |defines| "#{name(defines)}: the mutant was not found" if search(defines).zero? }
  end

  private

  def name(defines) = defines.empty? ? "the protocol" : defines.join(" with ")

  # @return [Integer] errors
  def search(defines)
    command("spin", "-a", *defines.map { |define| "-D#{define}" }, SOURCE)
    command("gcc", "-O2", "-DSAFETY", "-o", "pan", "pan.c")
    output = command("./pan", "-m#{DEPTH}")
    raise "the search was cut short:\n#{output}" if output.include?("max search depth too small")

    errors = Integer(output[/errors: (\d+)/, 1])
    warn "#{name(defines)}: #{output[/(\d+) states, stored/, 1]} states, #{errors} errors"
    errors
  end

  def command(*words)
    output = IO.popen([*words, { chdir: @directory, err: %i[child out] }], &:read)
    raise "#{words.join(" ")} failed:\n#{output}" unless $?.success?

    output
  end
end
