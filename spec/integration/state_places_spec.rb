# frozen_string_literal: true

RSpec.describe "state coming home from every place (contract 21.1)" do
  include_context "base set"

  it "keeps what earlier items of a pool's child added when a later one kills it" do
    job = run_job(rows: [], pids: Set[]) do
      pipeline do
        producer(:items) { 5.times { |i| emit i } }
        processes(1) do
          consumer(:work) do |i|
            @rows << i
            @pids << Process.pid
            exit!(1) if i == 2
          end
        end
      end
    end
    expect(job.rows).to eq([0, 1, 3, 4])
    expect(job.pids.size).to eq(2)
    expect(job.report.failed).to eq(1)
  end

  it "brings home the last value of what a pool's child has set under a key of its own, item after item" do
    job = run_job(status: {}) do
      pipeline do
        producer(:src) { 6.times { |i| emit i } }
        processes(1) { consumer(:sink) { |i| @status.update(last: "item #{i}", even: i.even?, number: i) } }
      end
    end
    expect(job.status).to eq(last: "item 5", even: false, number: 5)
    expect(log_output).not_to include("not merged")
  end

  it "brings home what a forked producer adds" do
    job = run_job(log: [], stats: Hash.new(0), out: []) do
      pipeline do
        processes(1) do
          producer(:items) do
            3.times { |i| emit i }
            @log << Process.pid
            @stats[:emitted] += 3
          end
        end
        before(:items) { @log << :before }
        after(:items) { @log << :after }

        consumer(:collect) { |i| @out << i }
      end
    end
    expect(job.out).to eq([0, 1, 2])
    expect(job.stats).to eq(emitted: 3)
    expect(job.log.values_at(0, 2)).to eq(%i[before after])
    expect(job.log[1]).to be_an(Integer).and(satisfy { |pid| pid != Process.pid })
  end

  it "brings home what an accumulator's block adds in a child" do
    job = run_job(sizes: [], out: []) do
      pipeline do
        producer(:items) { 7.times { |i| emit i } }
        process_per_batch(max: 2) do
          accumulator(:group, max_size: 3) { |batch| (@sizes << batch.size) && batch.sum }
        end
        consumer(:collect) { |sum| @out << sum }
      end
    end
    expect(job.sizes.sort).to eq([1, 3, 3])
    expect(job.out.sum).to eq(21)
  end

  it "merges into containers that the parent works on at the same time" do
    job = run_job(rows: [], stats: Hash.new(0)) do
      pipeline do
        producer(:items, to: %i[here there]) { 20.times { |i| emit i } }
        threads(2) { consumer(:here) { |i| (@rows << i) && (@stats[:here] += 1) } }
        process_per_batch(max: 2) { consumer(:there) { |i| (@rows << -i) && (@stats[:there] += 1) } }
      end
    end
    expect(job.rows.sort).to eq([*-19..-1, 0, 0, *1..19])
    expect(job.stats).to eq(here: 20, there: 20)
  end

  it "is there when after_run hooks and stages downstream look" do
    job = run_job(rows: [], seen: [], at_end: []) do
      pipeline do
        producer(:items) { 5.times { |i| emit i } }
        process_per_batch(max: 1) do
          processor(:work) { |i| (@rows << i) && emit(i) }
        end
        consumer(:look) { |i| @seen << i }
        after_run { @at_end.concat(@rows) }
      end
    end
    expect(job.at_end).to eq([0, 1, 2, 3, 4])
  end

  it "works on any object that a pipeline runs on" do
    object = holder(rows: [])
    pipeline = Minigun::Pipeline.new(:plain)
    pipeline.add_stage(:producer, :items) { 3.times { |i| emit i } }
    pipeline.add_stage(:consumer, :work, _execution_context: { type: :processes, max: 2, mode: :per_batch }) do |i|
      @rows << i
    end
    pipeline.run(object)
    expect(object.instance_variable_get(:@rows).sort).to eq([0, 1, 2])
  end
end
