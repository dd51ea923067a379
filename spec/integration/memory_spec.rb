# frozen_string_literal: true

RSpec.describe "memory of the parent", timeout: 14_400 do
  # What Ruby's heap may still grow by in its first steps, in kilobytes. A look may find megabytes less, when
  # a batch has just gone, so the most of some is compared.
  let(:slack) { 4_096 }
  let(:count) { ENV["LONG"] == "1" ? 10_000_000 : 40_000 }
  let(:batch) { ENV["LONG"] == "1" ? 5_000 : 100 }

  %w[processes process_per_batch].each do |kind|
    it "stays what it was while items stream through #{kind} and back (reliability I13, issue 4.5)" do
      script = File.join(Processes::ROOT, "spec/scripts/memory_flat.rb")
      result = run_script(script, kind, count.to_s, (count / 10).to_s, batch.to_s, deadline: 14_000)
      expect(result).to be_success, result.stderr
      told = JSON.parse(result.stdout, symbolize_names: true)

      expect(told).to include(seen: count, failed: 0)
      expect(told[:sizes].size).to eq(10)
      expect(told[:sizes].last(5).max).to be < told[:sizes].first(5).max + slack
    end
  end
end
