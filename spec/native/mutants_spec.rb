# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "mutants"

RSpec.describe Mutants do
  it "are patches that apply, each with a check that is there (reliability 3.2)" do
    skip "there is no patch" unless system("patch", "--version", out: File::NULL, err: File::NULL)

    stale = described_class.all.reject do |mutant|
      system("patch", "-p1", "--fuzz=0", "--dry-run", "--silent", "-i", mutant.patch,
             chdir: Mutants::ROOT, out: File::NULL, err: File::NULL)
    end
    expect(stale.map(&:name)).to be_empty
    expect(described_class.all.map(&:kind) - %w[native tsan fuzz spec chaos]).to be_empty
    specs = described_class.all.select { |mutant| mutant.kind == "spec" }.map(&:target)
    expect(specs.reject { |path| File.file?(File.join(Mutants::ROOT, path)) }).to be_empty
  end
end
