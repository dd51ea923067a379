# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe "docs/reliability.md" do
  let(:text) { File.read(File.join(Processes::ROOT, "docs/reliability.md")) }

  it "has every promise, once (reliability 2)" do
    expect(text.scan(/^\| (P\d+) \|/).flatten).to eq((1..22).map { |number| "P#{number}" })
  end

  it "names checks that exist (reliability 2)" do
    files = text.scan(%r{`((?:spec|ext)/[\w/.]+)`}).flatten.uniq
    tasks = text.scan(/`(?:rake )?(spec:[\w:]+)`/).flatten.uniq
    rakefiles = Dir[File.join(Processes::ROOT, "spec/{,native/}*.rake")].map { |path| File.read(path) }.join

    expect(files.reject { |file| File.exist?(File.join(Processes::ROOT, file)) }).to be_empty
    expect(tasks.reject { |task| rakefiles.match?(/\btask\(?\s*:?#{task.split(":").last}\b/) }).to be_empty
    expect([files.size, tasks.size]).to all(be > 5)
  end
end
