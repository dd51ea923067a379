# frozen_string_literal: true

RSpec.describe "queues of a pipeline at run (contract 6)" do
  def queue_of(*items) = Thread::Queue.new.tap { |queue| [*items, :END_OF_QUEUE].each { |item| queue << item } }

  def contents(queue) = Array.new(queue.size) { queue.pop }

  let(:pipeline) do
    Minigun::Pipeline.new(:queued).tap do |pipeline|
      pipeline.add_stage(:processor, :double) { |i| emit(i * 2) }
      pipeline.add_stage(:consumer, :forward) { |i| emit(i) }
    end
  end

  it "feed the first stage until the end mark, and get what the last one emits, then the mark" do
    pipeline.input_queue = queue_of(1, 2)
    outputs = Array.new(2) { Thread::Queue.new }
    outputs.each_with_index { |queue, number| pipeline.add_output_queue(:"out#{number}", queue) }
    expect(pipeline.run(Object.new)).to eq(2)
    expect(outputs.map { |queue| contents(queue) }).to all(eq([2, 4, :END_OF_QUEUE]))
  end

  it "are all read at once, each to its own end mark" do
    pipeline.input_queue = first = Thread::Queue.new.push(1)
    pipeline.add_input_queue(queue_of(2, 3))
    pipeline.add_output_queue(:out, output = [])
    pipeline.add_stage_hook(:after, :forward) { first << :END_OF_QUEUE if (@seen = @seen.to_i + 1) == 3 }
    expect(pipeline.run(Object.new)).to eq(3)
    expect(output).to contain_exactly(2, 4, 6, :END_OF_QUEUE)
  end

  it "feed beside a producer" do
    pipeline.add_stage(:producer, :own, to: :forward) { emit(:own) }
    pipeline.input_queue = queue_of(1)
    pipeline.add_output_queue(:out, output = [])
    expect(pipeline.run(Object.new)).to eq(2)
    expect(output).to contain_exactly(2, :own, :END_OF_QUEUE)
  end

  it "leave no reader behind when the run is given up" do
    pipeline.input_queue = Thread::Queue.new
    pipeline.add_input_queue(Thread::Queue.new)
    pipeline.add_stage(:producer, :bad) { raise NotImplementedError, "on purpose" }
    threads = Thread.list
    expect { pipeline.run(Object.new) }.to raise_error(NotImplementedError)
    eventually(5, "a reader is left") { (Thread.list - threads).empty? }
  end
end
