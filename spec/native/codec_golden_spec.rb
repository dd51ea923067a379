# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "codec_support"

# golden/values.txt holds one case a line: label, Ruby expression, bytes in hexadecimal. The bytes
# change only together with the version of the shared-memory layout (MG_ABI_VERSION).
RSpec.describe "The byte format" do
  def self.cases
    File.readlines(File.join(__dir__, "golden", "values.txt"), chomp: true, encoding: "UTF-8")
        .grep_v(/\A#/).map { |line| line.split("\t") }
  end

  it "has golden cases for every tag" do
    tags = self.class.cases.flat_map { |_, _, hex| [hex].pack("H*").bytes }
    expect((0x01..0x19).to_a - tags).to eq([0x0e, 0x0f])
  end

  it "of Symbols that are not kept is what it was" do
    expect(Minigun::Native.load("\x0e\x01a")).to eq(:a)
    expect(Minigun::Native.load("\x0f\x0aISO-8859-1\x01\xE9".b)).to eq("é".encode("ISO-8859-1").to_sym)
  end

  cases.each do |label, expression, hex|
    it "of #{label} is what it was" do
      value = CodecSupport.module_eval(expression)
      expect(Minigun::Native.dump(value).unpack1("H*")).to eq(hex)
      loaded = Minigun::Native.load([hex].pack("H*"))
      expect(CodecSupport.difference(loaded, CodecSupport.marshal_trip(value))).to be_nil
    end
  end
end
