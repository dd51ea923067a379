# frozen_string_literal: true

RSpec.describe "running a task" do
  include_context "base set"

  def handlers
    %w[INT TERM QUIT].map do |name|
      Signal.trap(name, "DEFAULT").tap { |handler| Signal.trap(name, handler || "DEFAULT") }
    end
  end

  # A plain task, with stages added by hand.
  def task
    Minigun::Task.new.tap do |task|
      task.add_stage(:producer, :src) { 4.times { |i| emit i } }
      task.add_stage(:processor, :double) { |i| emit i * 2 }
      task.add_stage(:consumer, :sink) { |i| (@rows ||= []) << i }
    end
  end

  def rows_of(object) = object.instance_variable_get(:@rows)

  describe Minigun::Runner do
    subject(:runner) { described_class.new(runner_task, context) }

    let(:runner_task) { task }
    let(:context) { Object.new }

    it "has a job id of eight hexadecimal digits, a task and a context (contract 13)" do
      expect(runner.job_id).to match(/\A\h{8}\z/)
      expect([runner.task, runner.context]).to eq([runner_task, context])
      expect(described_class.new(runner_task, context).job_id).not_to eq(runner.job_id)
    end

    it "returns the count of the sources, and logs with the job id (contract 13, 14)" do
      expect(runner.run).to eq(4)
      expect(rows_of(context)).to eq([0, 2, 4, 6])
      lines = log_output.lines.grep(/\[Job:#{runner.job_id}\]/)
      expect(lines.first).to include("Starting", "default")
      expect(lines.last).to include("Finished", "4 produced", "4 consumed", "0 failed")
      expect(lines.grep(/\[Pipeline:default\]/)).not_to be_empty
    end

    it "gives the signal handlers back, also when the run raises (contract 13)" do
      before = handlers
      runner.run
      expect(handlers).to eq(before)
      runner_task.add_hook(:before_run) { raise IOError, "closed" }
      expect { runner.run }.to raise_error(IOError)
      expect(handlers).to eq(before)
    end

    it "gives a user's own handler back" do
      mine = proc {}
      previous = Signal.trap("QUIT", mine)
      runner.run
      expect(Signal.trap("QUIT", previous || "DEFAULT")).to equal(mine)
    end

    it "handles signals while it runs, for several runs at once, until the last has ended" do
      gate = Thread::Queue.new
      before = handlers
      jobs = Array.new(2) do
        own = task
        own.add_hook(:before_run) { gate.pop }
        Thread.new { described_class.new(own, Object.new).run }
      end
      eventually { gate.num_waiting == 2 }
      expect(handlers).not_to eq(before)
      gate << 1
      eventually { jobs.one?(&:alive?) }
      expect(handlers).not_to eq(before)
      gate << 1
      jobs.each { |job| job.join(10) }
      expect(handlers).to eq(before)
    end
  end

  describe "run, perform and their other names (contract 3.2)" do
    %i[run go_brr! go_brrr! go_brrrr! go_brrrrr!].each do |name|
      it "#{name} goes through a Runner" do
        job = job_class(rows: []) do
          pipeline do
            producer(:src) { 3.times { |i| emit i } }
            consumer(:sink) { |i| @rows << i }
          end
        end.new
        expect(job.public_send(name)).to eq(3)
        expect(job.rows).to eq([0, 1, 2])
        expect(log_output).to match(/\[Job:\h{8}\]/)
      end
    end

    %i[perform execute].each do |name|
      it "#{name} runs without one" do
        traps = []
        inspect_traps = -> { traps.concat(handlers) }
        job = job_class(rows: []) do
          pipeline do
            before_run { inspect_traps.call }
            producer(:src) { 3.times { |i| emit i } }
            consumer(:sink) { |i| @rows << i }
          end
        end.new
        expect(job.public_send(name)).to eq(3)
        expect(job.rows).to eq([0, 1, 2])
        expect(traps).to eq(handlers)
        expect(log_output).not_to include("[Job:")
      end
    end

    it "lets a class use the names for its own purposes" do
      job = job_class(rows: []) do
        pipeline { producer(:src) { @rows << 1 } }
        def perform = "mine"
        def report = "mine too"
      end.new
      expect(job.run).to eq(0)
      expect([job.rows, job.perform, job.report]).to eq([[1], "mine", "mine too"])
    end
  end

  describe Minigun::Task do
    it "runs with any object as context, and returns the count (contract 5, 10.9)" do
      plain = Object.new
      expect(task.run(plain)).to eq(4)
      expect(rows_of(plain)).to eq([0, 2, 4, 6])
      expect(task.perform(plain)).to eq(4)
      expect(rows_of(plain)).to eq([0, 2, 4, 6] * 2)
    end

    it "shows its stages, hooks, graph and pipelines" do
      task = described_class.new
      hook = proc {}
      task.add_hook(:before_run, &hook)
      task.define_pipeline(:inner, to: :sink) { |inner| inner.add_stage(:producer, :src) { emit 1 } }
      task.add_nested_pipeline(:more) { consumer(:sink) { |i| i } }
      task.add_stage(:consumer, :sink) { |i| (@rows ||= []) << i }
      expect(task.hooks[:before_run]).to eq([hook])
      expect(task.pipelines.transform_values { |pipeline| pipeline.stages.keys }).to eq(inner: [:src], more: [:sink])
      plain = Object.new
      expect(task.run(plain)).to eq(1)
      expect(rows_of(plain)).to eq([1])
      expect([task.dag, task.pipeline_dag]).to all(equal(task.root_pipeline.dag))
    end

    it "passes configuration on to all its pipelines" do
      task = described_class.new
      inner = task.define_pipeline(:inner) { |pipeline| pipeline.add_pipeline(:deep) }
      task.set_config(:max_threads, 11)
      expect([task, task.root_pipeline, inner, *inner.each_inner].map do |owner|
        owner.config[:max_threads]
      end).to eq([11] * 4)
    end
  end

  describe "a Pipeline wired by hand (contract 6)" do
    let(:inner) do
      Minigun::Pipeline.new(:inner).tap { |pipeline| pipeline.add_stage(:processor, :add) { |i| emit i + 1 } }
    end

    let(:outer) do
      Minigun::Pipeline.new(:outer).tap do |pipeline|
        pipeline.add_stage(:producer, :src) { 3.times { |i| emit i } }
        pipeline.add_stage(:consumer, :sink) { |i| (@rows ||= []) << i }
      end
    end

    def stage_with(pipeline, name)
      Minigun::PipelineStage.new(name: name).tap { |stage| stage.pipeline = pipeline }
    end

    it "runs a stage that was put into stages, order and graph" do
      outer.stages[:inner] = stage_with(inner, :inner)
      outer.instance_variable_get(:@stage_order) << :inner
      outer.dag.add_node(:inner)
      outer.dag.add_edge(:src, :inner)
      outer.dag.add_edge(:inner, :sink)
      plain = Object.new
      expect(outer.run(plain)).to eq(3)
      expect(rows_of(plain)).to eq([1, 2, 3])
    end

    it "follows an order that was replaced or changed in front" do
      outer.stages[:inner] = stage_with(inner, :inner)
      outer.instance_variable_set(:@stage_order, %i[src inner sink])
      plain = Object.new
      outer.run(plain)
      expect(rows_of(plain)).to eq([1, 2, 3])

      feed = Minigun::Pipeline.new(:feed).tap { |pipeline| pipeline.add_stage(:producer, :more) { emit 10 } }
      outer.stages[:feed] = stage_with(feed, :feed)
      outer.instance_variable_get(:@stage_order).unshift(:feed)
      outer.dag.add_edge(:feed, :inner)
      other = Object.new
      expect(outer.run(other)).to eq(4)
      expect(rows_of(other).sort).to eq([1, 2, 3, 11])
    end

    it "runs again: fresh statistics, nothing doubled" do
      plain = Object.new
      expect(Array.new(2) { outer.run(plain) }).to eq([3, 3])
      expect(outer.stats.total_produced).to eq(3)
      expect(rows_of(plain)).to eq([0, 1, 2] * 2)
      expect(outer.dag.edges).to eq(src: [:sink], sink: [])
    end

    it "runs a stage without an inner pipeline as one that passes items on (contract 7.4)" do
      outer.stages[:empty] = Minigun::PipelineStage.new(name: :empty)
      outer.instance_variable_set(:@stage_order, %i[src empty sink])
      plain = Object.new
      outer.run(plain)
      expect(rows_of(plain)).to eq([0, 1, 2])
    end

    it "runs before_run first and after_run last, once (contract 10.5)" do
      %i[before_run after_run].each { |type| outer.add_hook(type) { (@rows ||= []) << type } }
      plain = Object.new
      outer.run(plain)
      expect(rows_of(plain)).to eq([:before_run, 0, 1, 2, :after_run])
    end

    it "takes items from an input queue and hands results to output queues" do
      queues = Array.new(2) { Thread::Queue.new }
      inner.input_queue = Thread::Queue.new.tap { |queue| [1, nil, 3, :END_OF_QUEUE].each { |item| queue << item } }
      inner.add_stage(:processor, :add) { |i| emit [i] }
      queues.each_with_index { |queue, i| inner.add_output_queue(:"out#{i}", queue) }
      expect(inner.run(Object.new)).to eq(3)
      received = queues.map { |queue| Array.new(queue.size) { queue.pop } }
      expect(received).to eq([[[1], [nil], [3], :END_OF_QUEUE]] * 2)
    end

    it "names a stage that is missing (contract 9)" do
      outer.dag.add_edge(:sink, :ghost)
      expect { outer.run(Object.new) }.to raise_error(Minigun::Error, /:ghost/)
    end
  end
end
