# frozen_string_literal: true

# What children share is seen in the pages that they copy: their number hardly depends on how fast
# or how busy the machine is.
RSpec.describe "the rehearsal of a child (contract 0)" do
  let(:rehearsal) { Minigun::Execution::Rehearsal }
  let(:record) { Minigun::Execution::Record }

  # Writes down what would have been sent.
  def channel_of(sent)
    instance_double(Minigun::Native::Child, start_item: nil, finish_item: nil, finish: nil).tap do |channel|
      allow(channel).to receive(:write) { |kind, _number, object| sent << [kind, object] }
    end
  end

  # Rehearses as if for the first time.
  def rehearse
    held = rehearsal.instance_variable_get(:@held)
    rehearsal.instance_variable_set(:@held, nil)
    rehearsal.once(instance_double(Minigun::Flow::Node, name: :any, isolated?: false, item_threads: nil,
                                                        sample_memory?: false))
  ensure
    rehearsal.instance_variable_set(:@held, held)
  end

  it "goes through emissions, all kinds of state and the outcome" do
    sent = []
    allow(Minigun::Execution::ChildMain).to(receive(:new)
      .and_wrap_original { |create, node, _channel, work| create.call(node, channel_of(sent), work) })
    rehearse
    expect(sent.map(&:first))
      .to eq([record::EMIT, *[record::STATE] * 4, record::DONE, record::COMMIT])
    expect(sent.select { |kind, _object| kind == record::STATE }.map { |_kind, (_name, change)| change.first })
      .to eq(%i[array set hash hash])
  end

  it "happens once, before the first fork" do
    result = run_script(<<~RUBY)
      require "minigun"
      Minigun.logger = Logger.new(File::NULL)
      calls = []
      Minigun::Execution::ChildMain.prepend(Module.new do
        define_method(:run_one) { |*arguments| super(*arguments).tap { calls << Process.pid } }
      end)
      job = Class.new do
        include Minigun::DSL
        pipeline do
          producer(:numbers) { 3.times { |n| emit(n) } }
          process_per_batch(max: 2) { consumer(:sink) { |n| n } }
        end
      end
      2.times { job.new.run }
      puts calls == [Process.pid]
    RUBY
    expect(result.stdout).to eq("true\n")
  end

  it "leaves the process as it was" do
    before = [File.read("/proc/self/cmdline"), Thread.current.group, Thread.list, fd_count, log_output.dup]
    rehearse
    expect([File.read("/proc/self/cmdline"), Thread.current.group, Thread.list, fd_count, log_output]).to eq(before)
  end

  it "spares children the copies of pages" do
    pages = [true, false].map do |rehearsed|
      result = run_script(<<~RUBY)
        require "minigun"
        Minigun.logger = Logger.new(File::NULL)
        Minigun::Execution::Rehearsal.define_singleton_method(:once) { |_node| nil } unless #{rehearsed}
        class Job
          include Minigun::DSL
          attr_reader :faults
          def initialize = @faults = []
          pipeline do
            producer(:numbers) { 9.times { |n| emit(n) } }
            process_per_batch(max: 1) { consumer(:sink) { |n| n } }
            before_exit { @faults << File.read("/proc/self/stat").rpartition(")").last.split[7].to_i }
          end
        end
        puts Job.new.tap(&:run).faults.sort[4]
      RUBY
      result.stdout.to_i
    end
    expect(pages).to all(be_positive)
    expect(pages[0]).to be < pages[1] * 0.8
  end
end
