# frozen_string_literal: true

# The tables of docs/compatibility.md, read as data.
class CompatibilityTables
  PATH = File.expand_path("../../docs/compatibility.md", __dir__)

  # In the order in which they stand; not all of them need to be there.
  CHAPTERS = [
    "Moving from the original", "Loading", "Minigun", "DSL", "Pipeline blocks", "Task", "Pipeline", "Stages", "DAG",
    "Routing", "Execution", "Contexts", "Statistics", "Runner", "Logging", "Shared collections", "Quirks"
  ].freeze

  # Each has a heading with its name.
  CLASSES = [
    Minigun::DSL, Minigun::Emission, Minigun::DSL::ClassMethods, Minigun::PipelineDSL, Minigun::Task,
    Minigun::Pipeline, Minigun::Stage, Minigun::AtomicStage, Minigun::AccumulatorStage, Minigun::PipelineStage,
    Minigun::DAG, Minigun::SharedCounter, Minigun::SharedCollection, Minigun::SharedArray, Minigun::SharedHash,
    Minigun::SharedSet, Minigun::SharedMutex, Minigun::SharedSemaphore,
    Minigun::Execution::Context, Minigun::Execution::InlineContext, Minigun::Execution::ThreadContext,
    Minigun::Execution::ForkContext, Minigun::Execution::RactorContext, Minigun::Execution::ContextPool,
    Minigun::Stats, Minigun::AggregatedStats, Minigun::Report, Minigun::Runner
  ].freeze

  # Hooks that Ruby calls, names that are private to the library, and classes with a heading of their own.
  INTERNAL = {
    Minigun::DSL => %i[ClassMethods],
    Minigun::DSL::ClassMethods => %i[_minigun_definition included inherited],
    Minigun::Runner => %i[signal],
    Minigun::Stats => %i[Account ChildMemory Reservoir Timed]
  }.freeze

  attr_reader :text

  # @param text [String] Markdown
  def initialize(text = File.read(PATH))
    @text = text
  end

  # @return [Array<String>]
  def chapters = text.scan(/^## (.+)$/).flatten

  # @param heading [String, Module]
  # @return [Array<Array<String>>] the cells of the table below the heading, without its head
  def rows(heading)
    heading = "`#{heading}`" if heading.is_a?(Module)
    section = text[/^#+ #{Regexp.escape(heading)}$\n(.*?)(?=^#|\z)/m, 1].to_s
    section.lines.grep(/\A\|/).drop(2).map { |line| line.strip.delete_prefix("|").split("|").map(&:strip) }
  end

  # @param heading [String, Module]
  # @return [Array<String>] what stands in code marks in the first column, up to its parameters
  def names(heading) = rows(heading).flat_map { |cells| cells.first.scan(/`([^` (]+)[^`]*`/).flatten }

  # @param owner [Module]
  # @return [Array<String>] public names that the table leaves out
  def left_out(owner)
    present = owner.public_instance_methods(false) + owner.constants(false) - INTERNAL.fetch(owner, [])
    present.map(&:to_s) - names(owner)
  end

  # @param owner [Module]
  # @return [Array<String>] names in the table that are not there
  def invented(owner)
    (names(owner) - ["new"]).reject do |name|
      owner.public_method_defined?(name) || (name.match?(/\A[A-Z]/) && owner.const_defined?(name))
    end
  end
end
