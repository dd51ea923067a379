# frozen_string_literal: true

require "delegate"

RSpec.describe "a definition, apart from its runs" do
  describe "variables and methods of the instance in `pipeline` blocks (contract 3.4)" do
    let(:klass) do
      job_class(rows: []) do
        def initialize(width, size, prefix: "p", stages: 2)
          @rows = []
          @threads = width
          @size = size
          @prefix = prefix
          @config = { stages: stages }
          @name = "user"
          @stats = []
        end

        pipeline do
          execution_context :wide, :threads, @threads + extra
          producer(:items) { (1..(@size * 2)).each { |i| emit i } }
          threads(@threads) { processor(:"#{@prefix}_work") { |i| emit i } }
          processes(secret_width) { processor(:forked) { |i| emit i } }
          @config[:stages].times { |n| define(n) }
          batch(@size)
          consumer(:collect, execution_context: :wide) { |group| synchronize { @rows << group } }
        end

        def extra = 1

        private

        def secret_width = @threads - 1
        def synchronize(&block) = (@mutex ||= Mutex.new).synchronize(&block)
        def define(_number) = raise("the words of a block belong to the block")
      end
    end

    def stages = klass._minigun_task.root_pipeline.stages

    before { klass.class_exec { private def define(number) = [:"step_#{number}", number] } }

    it "are usable as arguments, private methods too" do
      job = klass.new(3, 4, prefix: "q", stages: 0)
      job.run
      expect(stages[:q_work].execution_context).to eq(type: :threads, pool_size: 3, mode: :pool)
      expect(stages[:forked].execution_context).to eq(type: :processes, pool_size: 2, mode: :pool)
      expect(stages[:collect].execution_context).to eq(type: :threads, pool_size: 4, mode: :pool)
      expect(stages[:_batch_0].max_size).to eq(4)
      expect(job.rows.flatten.sort).to eq([*1..8])
    end

    it "are those of the instance that runs" do
      klass.new(2, 3).run
      expect(stages[:_batch_0].max_size).to eq(3)
      klass.new(5, 7).run
      expect(stages[:_batch_0].max_size).to eq(7)
      expect(stages[:p_work].execution_context[:pool_size]).to eq(5)
    end
  end

  it "lets helper methods return what blocks are built from, and loops define stages (contract 3.4)" do
    job = run_job(rows: [], factors: [2, 3, 5]) do
      pipeline do
        producer(:items) { 3.times { |i| emit i + 1 } }
        @factors.each { |factor| processor(names[factor]) { |i| emit i * factor } }
        names.each_value { |name| after(name) { @rows << name if name == :double } }
        consumer(:collect) { |i| @rows << i }
      end

      def names = { 2 => :double, 3 => :treble, 5 => :five }
    end
    expect(job.rows.grep(Integer)).to eq([30, 60, 90])
    expect(job.rows.count(:double)).to eq(3)
  end

  it "does not change the instance: assigning in a block stays in the block (contract 3.4)" do
    job = run_job(rows: [], n: 1) do
      pipeline do
        @n = 50
        size = @n
        producer(:items) { emit [@n, size] }
        consumer(:collect) { |pair| @rows << pair }
      end
    end
    expect(job.rows).to eq([[1, 50]])
    expect(job.n).to eq(1)
  end

  it "keeps blocks as closures over the surrounding locals (contract 3.4)" do
    seen = []
    run_job do
      pipeline do
        producer(:items) { 3.times { |i| emit i } }
        consumer(:collect) { |i| seen << i }
      end
    end
    expect(seen).to eq([0, 1, 2])
  end

  it "never calls or overwrites names of the user's object (contract 3.2)" do
    names = %i[results stats errors events count pages counter cleanup batch_size processed name config stages hooks
               pipelines task context job_id dag report logger stop start close push pop call ended? failed targets]
    job = run_job do
      names.each do |name|
        define_method(name) { |*| raise "#{name} was called" }
        define_method(:"check_#{name}") { instance_variable_get(:"@#{name.to_s.delete("?")}") }
      end

      define_method(:initialize) { names.each { |name| instance_variable_set(:"@#{name.to_s.delete("?")}", name) } }
      pipeline do
        producer(:items) { 4.times { |i| emit i } }
        process_per_batch(max: 2) { processor(:work) { |i| emit i } }
        threads(2) { consumer(:sink) { |i| i } }
      end
    end
    expect(names.map { |name| job.public_send(:"check_#{name}") }).to eq(names)
    expect(job.instance_variables - names.map { |name| :"@#{name.to_s.delete("?")}" }).to all(start_with("@__minigun_"))
  end

  %i[class frozen? nil? hash inspect to_s == eql? dup clone send public_send respond_to? is_a? instance_of? method
     methods extend tap then display freeze itself instance_variable_defined? marshal_dump to_a to_h
     format open select system test sleep loop puts print warn p].each do |name|
    it "never calls #{name} on the user's object (contract 3.2)" do
      job = job_class(rows: []) do
        define_method(name) { |*| Kernel.raise "#{name} was called" }
        pipeline do
          before_run { @rows << :before }
          producer(:items) { 2.times { |i| emit i } }
          processor(:work) { |i| emit i }
          process_per_batch(max: 1) { consumer(:sink) { |i| @rows << i } }
        end
      end.new
      expect(job.run).to eq(2)
      expect(job.rows).to eq([:before, 0, 1])
    end
  end

  describe "instances and runs of one class (contract 3.4)" do
    let(:klass) do
      job_class(rows: []) do
        attr_accessor :count

        pipeline do
          before_run { @rows << :before }
          producer(:items) { @count.times { |i| emit [@count, i] } }
          batch(@count)
          process_per_batch(max: 2) { processor(:double) { |pairs| emit(pairs.map { |n, i| [n, i * 2] }) } }
          consumer(:collect) { |pairs| @rows.concat(pairs) }
          after(:collect) { @rows << :after }
        end
      end
    end

    def instance(count) = klass.new.tap { |job| job.count = count }

    def expected(count) = [:before, *Array.new(count) { |i| [count, i * 2] }, :after]

    it "are independent, one after the other" do
      jobs = [instance(2), instance(3), instance(2)]
      expect(jobs.map(&:run)).to eq([2, 3, 2])
      expect(jobs.map(&:rows)).to eq([expected(2), expected(3), expected(2)])
    end

    it "are independent when one instance runs twice" do
      job = instance(2)
      2.times { job.run }
      expect(job.rows).to eq(expected(2) * 2)
      expect(klass._minigun_task.stages.keys).to eq(%i[items _batch_0 double collect])
      expect(klass._minigun_task.hooks[:before_run].size).to eq(1)
    end

    it "are independent when they run at the same time" do
      gate = Thread::Queue.new
      klass.pipeline { before_run { gate.pop } }
      jobs = (1..4).map { |count| instance(count) }
      threads = jobs.map { |job| Thread.new { job.run } }
      eventually { gate.num_waiting == 4 }
      4.times { gate << :go }
      expect(threads.map { |thread| thread.join(30)&.value }).to eq([1, 2, 3, 4])
      expect(jobs.map(&:rows)).to eq((1..4).map { |count| expected(count) })
      expect(jobs.map { |job| job.report.produced }).to eq([1, 2, 3, 4])
    end

    it "show what was defined even when the run raised" do
      broken = job_class do
        pipeline do
          before_run { raise IOError, "closed" }
          producer(:items) { emit 1 }
          consumer(:sink) { |i| i }
        end
      end
      expect { broken.new.run }.to raise_error(IOError)
      expect(broken._minigun_task.stages.keys).to eq(%i[items sink])
    end

    it "work with several unnamed blocks, in order, and with hooks alone" do
      job = run_job(log: []) do
        pipeline { before_run { @log << :first } }
        pipeline { producer(:items) { emit 1 } }
        pipeline { consumer(:collect) { |i| @log << i } }
        pipeline { before_run { @log << :second } }
      end
      expect(job.log).to eq([:first, :second, 1])
      expect(run_job(log: []) { pipeline { before_run { @log << :only } } }.log).to eq([:only])
    end

    it "replace a stage that is defined again, which keeps its place (contract 3.7)" do
      job = run_job(rows: []) do
        pipeline do
          producer(:items) { emit 1 }
          processor(:work, before: -> { @rows << :old_hook }) { |i| emit i }
          consumer(:collect) { |i| @rows << i }
        end
        pipeline { processor(:work) { |i| emit i + 100 } }
      end
      expect(job.rows).to eq([101])
    end

    it "take what an instance adds for itself (contract 3.2)" do
      klass = job_class(rows: []) { pipeline { producer(:items) { emit 1 } } }
      job = klass.new
      job.pipeline { consumer(:collect) { |i| @rows << i } }
      job.pipeline(:side) { consumer(:never) { |i| i } }
      other = klass.new
      [job, other].each(&:run)
      expect([job.rows, other.rows]).to eq([[1], []])
      expect(klass._minigun_task.stages.keys).to eq([:items])
    end
  end

  describe "self in blocks and hooks (contract 3.5)" do
    it "is the instance, in producers and their hooks too: what they assign stays (quirk Q2)" do
      job = run_job(rows: []) do
        attr_reader :opened, :count

        pipeline do
          before(:gen) { @count = 1 }

          producer(:gen) { (@opened = true) && emit(self) }
          after(:gen) { @count += 10 }

          consumer(:keep) { |item| @rows << item.equal?(self) }
        end
      end
      expect([job.opened, job.count, job.rows]).to eq([true, 11, [true]])
    end

    it "is the object given to Pipeline#run, whatever it is (contract 3.2)" do
      pipeline = Minigun::Pipeline.new(:any)
      pipeline.add_stage(:producer, :gen) { emit(1) }
      pipeline.add_stage(:consumer, :keep) { |item| self << item }
      bare = Class.new(BasicObject) { def <<(item) = (@items = [*@items, item]) && self }
      [[], SimpleDelegator.new([]), bare.new].each { |object| expect(pipeline.run(object)).to eq(1) }
      expect(pipeline.report.failed).to eq(0)
    end

    it "is the instance of a method that is given as a hook or block" do
      job = run_job(rows: []) do
        pipeline do
          note, keep = %i[note keep].map { |name| method(name) }
          before_run(&note)
          producer(:gen, before: note) { emit(1) }
          consumer(:keep, &keep)
        end

        private

        def note = @rows << :note
        def keep(item) = @rows << item
      end
      expect(job.rows).to eq([:note, :note, 1])
    end
  end

  it "takes a block without parameters for a producer, the word does not count (contract 7.2, quirk Q25)" do
    job = run_job(rows: []) do
      pipeline do
        consumer(:first) { emit(1) }
        consumer(:second) { |*items| emit(items) }
        producer(:keep) { |item| @rows << item }
      end
    end
    expect(job.rows).to contain_exactly(1, [])
  end

  describe "including the DSL again (contract 3.7)" do
    it "drops what the class itself had said" do
      klass = job_class(rows: [])
      2.times do
        klass.class_exec do
          include Minigun::DSL

          pipeline do
            producer(:items) { 4.times { |i| emit i } }
            batch 2
            consumer(:collect) { |group| @rows << group }
          end
        end
      end
      job = klass.new
      job.run
      expect(job.rows).to eq([[0, 1], [2, 3]])
      expect(klass._minigun_task.stages.keys).to eq(%i[items _batch_0 collect])
    end
  end
end
