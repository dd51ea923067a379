# frozen_string_literal: true

require "tempfile"

RSpec.describe "isolated state (contract 21.1)" do
  include_context "base set"

  # Three forked stages in a row, each adds to @rows; isolated ones are named by the caller.
  def rows_of(job) = job.rows.map(&:first).tally

  Jobs.forking.each do |name, within|
    context(name) do
      it "keeps everything in the children with `isolate_state` in the class" do
        job = run_job(rows: [], stats: { n: 0 }, out: []) do
          isolate_state
          pipeline do
            producer(:items) { 4.times { |i| emit i } }
            within.call(self) do
              processor(:work) do |i|
                @rows << i
                @stats[:n] += 1
                emit i * 2
              end
            end
            consumer(:collect) { |i| @out << i }
          end
        end
        expect([job.rows, job.stats, job.out.sort]).to eq([[], { n: 0 }, [0, 2, 4, 6]])
        expect(log_output).not_to include("WARN")
      end

      it "keeps what one stage adds with `isolate: true`" do
        job = run_job(rows: []) do
          pipeline do
            producer(:items) { 4.times { |i| emit i } }
            within.call(self) do
              processor(:alone, isolate: true) { |i| (@rows << [:alone, i]) && emit(i) }
              consumer(:shared) { |i| @rows << [:shared, i] }
            end
          end
        end
        expect(rows_of(job)).to eq(shared: 4)
      end

      it "lets other values of a child home as before: emits, errors, counts" do
        job = run_job(rows: [], out: []) do
          isolate_state
          pipeline do
            producer(:items) { 4.times { |i| emit i } }
            within.call(self) { processor(:work) { |i| i == 2 ? raise("two") : emit(i) } }
            consumer(:collect) { |i| @out << i }
          end
        end
        expect(job.out.sort).to eq([0, 1, 3])
        expect(job.report.stages[:work]).to include(consumed: 4, produced: 3, failed: 1)
      end
    end
  end

  it "holds for the stages in a context block, and a stage can say otherwise" do
    job = run_job(rows: []) do
      pipeline do
        producer(:items) { 3.times { |i| emit i } }
        process_per_batch(max: 2, isolate: true) do
          processor(:one) { |i| (@rows << [:one, i]) && emit(i) }
          processor(:two, isolate: false) { |i| (@rows << [:two, i]) && emit(i) }
          threads(2) { processor(:in_parent) { |i| (@rows << [:in_parent, i]) && emit(i) } }
        end
        processes(2) { consumer(:outside) { |i| @rows << [:outside, i] } }
      end
    end
    expect(rows_of(job)).to eq(two: 3, in_parent: 3, outside: 3)
  end

  it "holds for every pipeline of the class, nested ones too" do
    job = run_job(rows: []) do
      isolate_state true
      pipeline :named do
        producer(:a) { emit 1 }
        process_per_batch(max: 1) { consumer(:one) { |i| @rows << [:one, i] } }
      end
      pipeline do
        producer(:items) { 3.times { |i| emit i } }
        pipeline :nested do
          processes(1) { processor(:two) { |i| (@rows << [:two, i]) && emit(i) } }
        end
        processes(1) { consumer(:three) { |i| @rows << [:three, i] } }
      end
    end
    expect(job.rows).to eq([])
  end

  it "is inherited, and a subclass can turn it off" do
    parent = job_class(rows: []) do
      isolate_state
      pipeline do
        producer(:items) { 2.times { |i| emit i } }
        process_per_batch(max: 1) { consumer(:work) { |i| @rows << i } }
      end
    end
    on = Class.new(parent)
    off = Class.new(parent) { isolate_state false }
    expect([parent, on, off].map { |klass| klass.new.tap(&:run).rows }).to eq([[], [], [0, 1]])
  end

  it "leaves the tempfile pattern as it was (contract 10.4)" do
    [true, false].each do |isolated|
      file = Tempfile.new("rows")
      file.close
      job = run_job(results: [], path: file.path) do
        isolate_state isolated
        pipeline do
          producer(:items) { 12.times { |i| emit i } }
          batch 4
          process_per_batch(max: 2) do
            consumer(:write) do |items|
              File.open(@path, "a") do |out|
                out.flock(File::LOCK_EX)
                items.each { |item| out.puts(item * 10) }
                out.flock(File::LOCK_UN)
              end
            end
          end
          after_run { @results.concat(File.readlines(@path).map(&:to_i)) }
        end
      end
      expect(job.results.sort).to eq((0..11).map { |i| i * 10 })
      expect(File).to exist(file.path)
      file.unlink
    end
  end
end
