# frozen_string_literal: true

RSpec.describe "Minigun.current (contract 21.7)" do
  include Runs

  include_context "nothing is left"

  Runs::KINDS.each do |kind|
    it "is the running block in #{kind}: its stage, its emit, for a class that has words of its own for both" do
      job = job do
        producer(:source) { Minigun.current.emit(1) }
        Runs.within(self, kind) do |options|
          processor :work, options do |n|
            Minigun.current.emit([n, Minigun.current.stage_name, Minigun.current.attempt])
            Thread.new { Minigun.current.emit_to_stage(:sink, :thread) }.join
            emit(:mine)
          end
        end
        consumer(:sink) { |item| @results << item }
      end
      job.singleton_class.class_eval do
        def emit(item) = (@own ||= []) << item
        def emit_to_stage(*) = raise("not this one")
        def report = :mine
      end
      job.run

      expect(job.results).to eq([[1, :work, 1], :thread])
      expect(job.report).to eq(:mine)
      expect(job.class._minigun_task.root_pipeline.report).to be_success
    end
  end

  it "is nil outside of blocks, before and after" do
    before_run = :unset
    job = job do
      before_run { before_run = Minigun.current }
      producer(:source) { emit 1 }
    end
    job.run

    expect([Minigun.current, before_run]).to eq([nil, nil])
  end
end
