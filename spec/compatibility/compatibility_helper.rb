# frozen_string_literal: true

# Shared set-up of this folder: specs and scripts in the way users of the documented interface write
# them. Their suite gives every example three seconds and loads its scripts into its own process.
module CompatibilityHelper
  # Seconds for one example: those of their suite with STRICT=1, else what a busy machine needs.
  LIMIT = ENV["STRICT"] ? 3 : 20

  FIXTURES = File.expand_path("fixtures", __dir__)

  # @param number [Integer]
  # @return [String] path of the script with that number
  def fixture_path(number)
    Dir[File.join(FIXTURES, format("%02d_*.rb", number))].fetch(0)
  end

  # Loads the script into this process, again if it was there before.
  def load_fixture(number)
    load fixture_path(number)
  end

  # Runs the block with a standard output that nobody reads.
  def quietly
    stdout = $stdout
    $stdout = File.open(File::NULL, "w")
    yield
  ensure
    $stdout.close
    $stdout = stdout
  end

  # @return [Object] an instance of a class in a script, freshly loaded, that has run
  def run_fixture(number, name, *arguments, **options)
    load_fixture(number)
    Object.const_get(name).new(*arguments, **options).tap(&:run)
  end
end

# What holds when a group of examples is over: no child is left and no descriptor is open. Looking
# after each example, as "base set" does, would take longer than most examples here.
RSpec.shared_context "compatibility" do
  # rubocop:disable RSpec/BeforeAfterAll -- the state kept is that of the process, for all examples
  before(:context) do
    @children = children_of(Process.pid)
    @descriptors = fd_count
  end

  after(:context) do
    GC.start if fd_count > @descriptors
    eventually(5, "children are left") { (children_of(Process.pid) - @children).empty? }
    eventually(5, "descriptors are left open") { fd_count <= @descriptors }
  end
  # rubocop:enable RSpec/BeforeAfterAll
end

RSpec.configure do |config|
  here = { file_path: %r{/spec/compatibility/} }

  config.define_derived_metadata(here) { |metadata| metadata[:timeout] ||= CompatibilityHelper::LIMIT }
  config.include CompatibilityHelper, here
  config.include_context "compatibility", here
end
