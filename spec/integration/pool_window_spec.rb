# frozen_string_literal: true

require "tempfile"

RSpec.describe "short items for a pool of processes" do
  include Runs

  include_context "nothing is left"

  let!(:log) { Tempfile.new("executions").tap(&:close) }

  after { log.unlink }

  # @return [Array<Integer>] the items in the order in which blocks began with them
  def executions = File.readlines(log.path).map(&:to_i)

  # What a block does first.
  def note(path)
    ->(item) { File.open(path, "a") { |file| file.puts(item.inspect) } }
  end

  it "are each worked on once and counted, nil and false among them (reliability P1, P3)" do
    items = [nil, false, *0...2_000]
    job = job do
      producer(:source) { items.each { |item| emit item } }
      processes(2) { processor(:work) { |item| emit [item] } }
      consumer(:sink) { |item| @results << item }
    end
    job.run

    expect(job.results.flatten).to match_array(items)
    expect(job.report.stages[:work].to_h).to include(accepted: 2_002, processed: 2_002, failed: 0)
  end

  it "do not suffer from one that its child dies of, nor are they worked on twice (reliability P3)" do
    note = note(log.path)
    job = job do
      producer(:source) { 1_000.times { |n| emit n } }
      processes(2) do
        processor(:work) do |n|
          note.call(n)
          Process.kill(:KILL, Process.pid) if n == 500
          emit n
        end
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq([*0...1_000] - [500])
    expect(executions.sort).to eq([*0...1_000])
    expect(job.report.failures.map { |failure| [failure.item, failure.cause] }).to eq([["500", :signal]])
  end

  it "fail for themselves, with what they have emitted" do
    job = job do
      producer(:source) { 1_000.times { |n| emit n } }
      processes(1) do
        processor(:work) do |n|
          (n % 3).times { emit n }
          raise "no" if n % 100 == 50
        end
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.size).to eq((0...1_000).sum { |n| n % 3 })
    expect(job.report.failures.map { |failure| [failure.item.to_i, failure.delivered] })
      .to eq((0...10).map { |n| [(n * 100) + 50, ((n * 100) + 50) % 3] })
  end

  it "let one through that cannot travel" do
    job = job do
      producer(:source) { 600.times { |n| emit(n == 300 ? -> { n } : n) } }
      processes(2) { processor(:work) { |n| emit(n.is_a?(Proc) ? n.call : n) } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq([*0...600])
  end

  it "go on with another child when theirs leaves" do
    job = job do
      producer(:source) { 1_000.times { |n| emit n } }
      processes(1) do
        processor(:work) do |n|
          exit!(3) if n == 400
          exit(4) if n == 700
          emit n
        end
      end
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results).to eq([*0...1_000] - [400, 700])
    expect(job.report.failures.map(&:item)).to eq(%w[400 700])
  end

  it "do not wait behind long ones while another child is idle" do
    gate = gate()
    job = job do
      producer(:source) { 400.times { |n| emit n } }
      processes(2) do
        processor(:work) do |n|
          # The first of each child: nothing is known of the others then.
          gate.wait if n.zero?
          emit n
        end
      end
      consumer(:sink) do |n|
        @results << n
        gate.open if @results.size == 399
      end
    end
    job.run

    expect(job.results.last).to eq(0)
    expect(job.results.size).to eq(400)
  end
end
