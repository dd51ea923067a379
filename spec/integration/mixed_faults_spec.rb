# frozen_string_literal: true

require_relative "../native/marked_run"

RSpec.describe "many runs in one process", timeout: 7_200 do
  let(:count) { ENV["LONG"] == "1" ? 1_000 : 30 }
  let(:seed) { RSpec.configuration.seed }

  it "leave nothing behind, whatever their children do (reliability P13, P14, P5)" do
    Dir.mktmpdir do |dir|
      script = File.join(Processes::ROOT, "spec/scripts/mixed_faults.rb")
      run = MarkedRun.new("-I#{Processes::ROOT}/lib", script, seed.to_s, count.to_s,
                          env: { "TMPDIR" => dir }, deadline: 7_000).call
      expect(run.remains).to eq([])
      expect(run.status).to be_success, run.stderr
      told = JSON.parse(run.stdout.lines.last, symbolize_names: true)
      expect(told[:problems]).to eq([])
      expect(told[:after]).to eq(told[:before])
    end
  end
end
