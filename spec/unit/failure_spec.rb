# frozen_string_literal: true

RSpec.describe Minigun::Failure do
  def failure(error, item: "1")
    described_class.new(stage: :parse, item: item, error: error, count: 1, attempt: 1)
  end

  it "is one line that names stage, error and item (contract 21.4)" do
    expect(failure(IOError.new("closed")).to_s).to eq("parse: closed (IOError) [item 1]")
  end

  it "names the class an exception had in the child" do
    remote = Minigun::RemoteError.new("bad row", class_name: "Csv::Malformed")
    expect(failure(remote).to_s).to eq("parse: bad row (Csv::Malformed) [item 1]")
    expect(failure(remote).to_h[:error]).to eq(class: "Csv::Malformed", message: "bad row")
  end

  it "is plain data when asked" do
    expect(failure(IOError.new("closed")).to_h)
      .to eq(stage: :parse, item: "1", count: 1, attempt: 1, error: { class: "IOError", message: "closed" })
    expect { failure(IOError.new("closed")).to_h.to_json }.not_to raise_error
  end

  describe ".describe" do
    it "shows small items as they are" do
      expect([nil, false, 7, "text", :name, [1, 2], { a: 1 }].map { |item| described_class.describe(item) })
        .to eq(["nil", "false", "7", "\"text\"", ":name", "[1, 2]", { a: 1 }.inspect])
    end

    it "cuts long ones" do
      object = Class.new { def inspect = "x" * 1_000 }.new
      expect(described_class.describe(object)).to eq("#{"x" * 200}...")
      expect(described_class.describe("y" * 1_000)).to include("1000 characters").and(satisfy { |text|
        text.size < 300
      })
    end

    it "counts large containers instead of showing them" do
      expect(described_class.describe(Array.new(5_000))).to eq("Array of 5000")
      expect(described_class.describe((1..500).to_h { |i| [i, i] })).to eq("Hash of 500")
    end

    it "survives an inspect that raises" do
      stub_const("Shy", Class.new { def inspect = raise(IOError) })
      expect(described_class.describe(Shy.new)).to eq("Shy (inspect raised IOError)")
    end

    it "survives broken text" do
      expect(described_class.describe("\xFF")).to eq("\"\\xFF\"")
    end
  end
end
