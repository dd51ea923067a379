# frozen_string_literal: true

require_relative "compatibility_helper"

RSpec.describe Minigun, "VERSION" do
  it "is a String (contract 2)" do
    expect(described_class::VERSION).to be_a(String)
  end

  it "has three numbers (contract 2)" do
    expect(described_class::VERSION).to match(/\A\d+\.\d+\.\d+/)
  end

  it "comes with an error class of its own (contract 2)" do
    expect(described_class::Error.ancestors).to include(StandardError)
  end

  it "comes with one logger that answers info, warn, debug and error (contract 2)" do
    logger = described_class.logger
    expect(described_class.logger).to be(logger)
    expect(logger).to respond_to(:info, :warn, :debug, :error)
  end
end
