# frozen_string_literal: true

require_relative "../native/parent_kills"

RSpec.describe "a parent that is killed", timeout: 7_200 do
  let(:kills) { ParentKills.new(RSpec.configuration.seed, ENV["LONG"] == "1" ? 200 : 8) }

  it "leaves no child one second later, and no memory and no file (reliability P7, P14)" do
    expect(kills.problems).to eq([])
  end
end
