# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe Minigun::Suggestion do
  it "names the nearest candidate, else all of them, else nothing" do
    expect(described_class.for(:sinc, %i[sink source])).to eq(" Did you mean :sink?")
    expect(described_class.for(:elsewhere, %i[sink source])).to eq(" Known: :sink, :source.")
    expect(described_class.for(:sink, [])).to eq("")
  end

  it "finds a name that is written as a String instead of a Symbol, or the other way round (contract 4)" do
    expect(described_class.for("c", %i[gen c])).to eq(" Did you mean :c?")
    expect(described_class.for(:c, %w[gen c])).to eq(%( Did you mean "c"?))
  end

  it "warns once for each key" do
    2.times { described_class.warn_once([:spec, __LINE__], "only once") }
    expect(log_output.scan("only once").size).to eq(1)
  end
end
