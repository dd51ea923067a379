# frozen_string_literal: true

require "rbs"
require "rbs/test"

# The signatures are held against the code: a public name without one fails, and so does a signature
# of something that is not there or is called otherwise.
RSpec.describe Signatures do
  let(:signatures) { described_class.of_the_gem }

  # The signatures with mistakes in one file.
  def planted(file, changes)
    Dir.mktmpdir do |directory|
      FileUtils.cp_r("#{described_class::DIRECTORY}/.", directory)
      path = File.join(directory, file)
      text = changes.inject(File.read(path)) do |left, (from, to)|
        raise ArgumentError, "not there: #{from}" unless left.include?(from)

        left.sub(from, to)
      end
      File.write(path, text)
      described_class.new(directory)
    end
  end

  it "are there for every module that users may use, and for nothing else" do
    expect(signatures.modules).to include(*described_class.public_modules.map(&:name))
    expect(signatures.modules - described_class.public_modules.map(&:name)).to eq(["Minigun::MissedDeadline"])
  end

  described_class.public_modules.each do |owner|
    it "say what #{owner} is and can do" do
      expect(signatures.left_out(owner)).to eq([])
      expect(signatures.invented(owner)).to eq([])
      expect(signatures.misfits(owner)).to eq([])
      expect(signatures.wrong_constants(owner)).to eq([])
      expect(signatures.ancestors(owner)).to eq(owner.ancestors.take_while { |one| one != Object }.map(&:name))
    end
  end

  it "name no internal method that is not there" do
    gone = described_class::INTERNAL.flat_map do |owner, names|
      names.reject do |name|
        next owner.respond_to?(name.delete_prefix(".")) if name.start_with?(".")

        owner.method_defined?(name) || owner.private_method_defined?(name)
      end
    end
    expect(gone).to eq([])
  end

  it "are found wrong when a method, a parameter, a keyword, a constant or an ancestor is" do
    broken = planted("minigun/stages.rbs",
                     "ROUTING_OPTIONS: Array[Symbol]" => "ROUTING_OPTIONS: Array[String]",
                     "def composite?: () -> bool" => "def composed?: () -> bool",
                     "def []: (Symbol key)" => "def []: (?Symbol key)",
                     "(name: name, ?block: Proc?, ?options: options)" => "(name: name, ?options: options)",
                     "class PipelineStage < Stage" => "class PipelineStage")
    expect(broken.wrong_constants(Minigun::Stage)).to eq([:ROUTING_OPTIONS])
    expect(broken.left_out(Minigun::Stage)).to eq(["composite?"])
    expect(broken.invented(Minigun::Stage)).to eq(["composed?"])
    expect(broken.misfits(Minigun::Stage)).to eq(["[] positional: [1, 1] in the code, [0, 1] here"])
    expect(broken.misfits(Minigun::AtomicStage)).to contain_exactly(start_with("initialize keywords:"))
    expect(broken.ancestors(Minigun::PipelineStage)).to eq(["Minigun::PipelineStage"])
  end

  describe "while a job runs" do
    let(:job) do
      job_class(rows: [], started: 0) do
        max_threads 2
        shared_counter :sent
        pipeline do
          execution_context :pair, :threads, 2
          before_run { @started += 1 }
          producer(:numbers) { 6.times { |n| emit(n) } }
          stage(:double, execution_context: :pair) { |n| emit(n * 2) }
          batch 2
          process_per_batch(max: 2) { consumer(:keep) { |batch| sent.increment(batch.size) && @rows.concat(batch) } }
          after(:keep) { raise IOError, "on purpose" if @rows.include?(4) }
        end
      end
    end

    def run_and_ask(job)
      job.run
      report = job.report
      [report.to_h, report.stats.summary, report.stats.bottleneck.to_s, job.class._minigun_task.dag.to_s]
    end

    it "hold for its calls, in its children too" do
      instance = job.new
      watch = SignatureWatch.new(signatures, described_class.public_modules)
      expect(watch.wrong { run_and_ask(instance) }).to eq([])
      expect(instance.sent.value).to eq(6)
      expect(watch.seen).to include("Minigun::DSL#run", "Minigun::DSL::ClassMethods#_minigun_task", "Minigun.logger",
                                    "Minigun::PipelineDSL#stage", "Minigun::Native::Child#forward",
                                    "Minigun::Stats#throughput", "Minigun::Failure#to_h", "Minigun::DAG#add_edge")
    end

    it "are found wrong by a value, in the program and in its children" do
      child = signatures.methods_of(Minigun::Native::Child)
      swapped = { Minigun::Native => { ".pid" => signatures.methods_of(Minigun::Native)[".dump"] },
                  Minigun::Native::Child => { "start_item" => child["alive?"] } }
      swapped.each { |owner, methods| allow(signatures).to receive(:methods_of).with(owner).and_return(methods) }
      watch = SignatureWatch.new(signatures, swapped.keys)
      expect(watch.wrong { job.new.run }).to contain_exactly("Minigun::Native.pid c_return",
                                                             "Minigun::Native::Child#start_item c_return")
      expect(watch.seen).not_to include("Minigun::Native::Child#start_item")
    end

    it "are found wrong by an argument" do
      watch = SignatureWatch.new(signatures, [Minigun::Stats])
      expect(watch.wrong { Minigun::Stats.new(7) }).to eq(["Minigun::Stats#initialize call"])
    end

    # Each in a thread, so that no stack remembers it.
    def leave_dead_ractors
      Array.new(3) { Thread.new { Minigun::Execution::RactorContext.new("dead").execute { 1 }.join } }.map(&:value)
    end

    it "are looked at when Ractors were there before" do
      watch = SignatureWatch.new(signatures, [Minigun::Stats])
      expect(leave_dead_ractors).to eq([1, 1, 1])
      found = watch.wrong do
        GC.start
        Minigun::Stats.new(7)
      end
      expect(found).to eq(["Minigun::Stats#initialize call"])
    end
  end
end
