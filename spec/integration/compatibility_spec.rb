# frozen_string_literal: true

# What the tables say is held against the code: a public name that is not in the table of its class
# fails, and so does one that is not there any more.
RSpec.describe CompatibilityTables do
  let(:tables) { described_class.new }

  it "stand in chapters in one order" do
    expect(tables.chapters).to eq(described_class::CHAPTERS & tables.chapters)
    expect(tables.chapters).to include("Loading", "Routing", "Quirks")
  end

  described_class::CLASSES.each do |owner|
    it "list the public names of #{owner}, and nothing else" do
      expect(tables.left_out(owner)).to eq([])
      expect(tables.invented(owner)).to eq([])
    end

    it "say of each name of #{owner} how it compares" do
      verdicts = tables.rows(owner).map(&:last)
      expect(verdicts).not_to be_empty
      expect(verdicts).to all(match(/\A(?:same|better|new|not)\b/))
    end
  end

  it "list every error, and every name of Minigun that scripts may use" do
    values = Minigun.constants.to_h { |name| [name.to_s, Minigun.const_get(name)] }
    errors = values.select { |_name, value| value.is_a?(Class) && value <= StandardError }.keys
    listed = tables.names("`Minigun`")
    expect(errors + %w[VERSION logger logger= current process_groups process_groups=] - listed).to eq([])
    expect(listed.reject { |name| Minigun.respond_to?(name) || values.key?(name) }).to eq([])
  end

  it "list every stage option, and every configuration key with its value" do
    options = Minigun::Stage::KNOWN_OPTIONS.map { |name| "#{name}:" } - ["_execution_context:"]
    expect(tables.names("Stage options")).to match_array(options)
    values = Minigun::Task::DEFAULT_CONFIG.map { |key, value| "`#{key}: #{value}`" }
    expect(values.reject { |value| tables.text.include?(value) }).to eq([])
  end

  it "say of each of the 48 quirks what became of it" do
    quirks = tables.rows("Quirks")
    expect(quirks.map(&:first)).to eq((1..48).map { |number| "Q#{number}" })
    expect(quirks.map(&:size)).to all(eq(3))
    expect(quirks.flatten).not_to include("")
  end

  it "are read as they are written: a name that is left out, renamed or moved is found" do
    source = tables.text.sub("| `reroute_stage` |", "| `reroute` |")
    broken = described_class.new(source)
    expect(broken.left_out(Minigun::PipelineDSL)).to eq(["reroute_stage"])
    expect(broken.invented(Minigun::PipelineDSL)).to eq(["reroute"])
    expect(described_class.new("").left_out(Minigun::DAG)).to include("add_node")
  end
end
