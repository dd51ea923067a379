# frozen_string_literal: true

RSpec.describe Minigun::Execution::Window do
  let(:window) { described_class.new }

  it "is 1 as long as nothing is known, and after a death" do
    expect(window.size).to eq(1)
    window.took(0.00001)
    expect { window.took(nil) }.to change(window, :size).from(64).to(1)
  end

  it "is as many items as take a millisecond, 64 at most" do
    sizes = [0.0, 0.00002, 0.0001, 0.0006, 3.0].map do |seconds|
      described_class.new.tap { |fresh| fresh.took(seconds) }.size
    end
    expect(sizes).to eq([64, 50, 10, 1, 1])
  end

  it "closes at once and opens little by little" do
    window.took(0.00002)
    window.took(1.0)
    expect(window.size).to eq(1)
    30.times { window.took(0.00002) }
    expect(window.size).to eq(1)
    40.times { window.took(0.00002) }
    expect(window.size).to be > 40
  end
end
