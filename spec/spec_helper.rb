# frozen_string_literal: true

$LOAD_PATH.unshift File.expand_path("../lib", __dir__)

require "logger"
require "stringio"
require "timeout"
require "minigun"

Dir[File.join(__dir__, "support", "*.rb")].each { |path| require path }

# Blocks and programs are sent these. Below `nohup`, and in the background of a script, they are ignored, which
# children inherit.
%w[HUP QUIT].each { |name| Signal.trap(name, "DEFAULT") }

RSpec.configure do |config|
  config.include Processes
  config.include Eventually
  config.include LogCapture

  config.disable_monkey_patching!
  config.expect_with(:rspec) { |expectations| expectations.syntax = :expect }
  config.mock_with(:rspec) { |mocks| mocks.verify_partial_doubles = true }
  config.shared_context_metadata_behavior = :apply_to_host_groups

  config.order = :random
  Kernel.srand config.seed

  # The deadline of one example in seconds: a hang fails instead of stopping the suite.
  config.around do |example|
    Timeout.timeout(example.metadata.fetch(:timeout, 60)) { example.run }
  end
end
