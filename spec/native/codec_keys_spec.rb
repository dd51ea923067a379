# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe "String keys that a ring has carried of late" do
  include_context "base set"
  include_context "child slots"

  # Many that begin and end alike, short, long, of other encodings, and none.
  let(:keys) do
    [*(0...200).map { |i| "key #{i} of a row" }, *"a".."z", "", "é" * 3, "x" * 64, "y" * 65, "z" * 500,
     "binary\xFF".b, "latin".encode("ISO-8859-1")]
  end

  it "are what they were, frozen, in any order, while garbage is collected" do
    sent = Array.new(2000) { |i| { keys[i * 7 % keys.size] => i, keys[i % 5] => nil } }
    child = slot
    child.spawn do |channel|
      sent.each { |value| channel.write(1, 0, value) }
      channel.finish
    end
    got = []
    while (record = child.read)
      got << record.last
      GC.start if (got.size % 500).zero?
    end
    expect(got).to eq(sent)
    got_keys = got.flat_map(&:keys)
    expect(got_keys).to all(be_frozen)
    expect(got_keys.map(&:encoding)).to eq(sent.flat_map(&:keys).map(&:encoding))
  end
end
