# frozen_string_literal: true

# Each is compared with what its steps say.
RSpec.describe "pipelines of random shape (contract 10, 12, 21)" do
  include Runs

  include_context "nothing is left"

  def job_of(chain)
    klass = class_of_jobs(seen: Hash.new(0)) { chain.define_on(self) }
    klass.define_method(:count) { |step| @seen[step.name.to_s] += 1 }
    klass.new
  end

  def consumed_by(job)
    inner = job.class._minigun_task.pipelines[:inner]
    stats = job.report.stats.stage_stats.merge(inner ? inner.stats.stage_stats : {})
    stats.transform_values(&:items_consumed)
  end

  # What hooks and blocks have to have counted, in children or not.
  def counts_of(chain, consumed)
    chain.steps.each_with_object({}) do |step, counts|
      name = step.name
      counts["before #{name}"] = consumed.fetch(name) if step.hooks
      counts[name.to_s] = consumed.fetch(name) unless %i[fail batch].include?(step.does)
    end
  end

  (ENV["LONG"] ? 100 : 12).times do |round|
    it "deliver, fail, count and collect what their steps say (round #{round})" do
      chain = Chain.new(Random.new((RSpec.configuration.seed * 1_000) + round))
      rows, failed = chain.expected
      job = job_of(chain)

      expect(job.run).to eq(chain.count)
      expect([job.results.sort, job.report.failed]).to eq([rows, failed]), chain.inspect
      counts = counts_of(chain, consumed_by(job)).reject { |_, count| count.zero? }
      expect(job.variable(:seen)).to include(counts), chain.inspect
    end
  end
end
