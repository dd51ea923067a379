# frozen_string_literal: true

require "tmpdir"

RSpec.describe "sources, and objects as stages (issue 6, 6)" do
  include Runs

  include_context "nothing is left"

  let!(:directory) { Dir.mktmpdir }

  after { FileUtils.rm_rf(directory) }

  def path(name) = File.join(directory, name)

  def numbers(**options)
    job do
      producer :source, **options
      consumer(:sink) { |n| @results << n }
    end
  end

  # An object with `each` and nothing else.
  def eachable(*groups)
    object = Object.new
    object.define_singleton_method(:each) { |&block| groups.each { |group| block.call(*group) } }
    object
  end

  describe "a producer from" do
    {
      "an Array" => [[1, 2, 3], [1, 2, 3]], "an Array of names" => [%w[a b], %w[a b]],
      "an Array of Symbols" => [%i[a b], %i[a b]], "an Array of classes" => [[String, Integer], [String, Integer]],
      "an empty one" => [[], []], "a Range" => [1..3, [1, 2, 3]], "a Set" => [Set[1, 2], [1, 2]],
      "a Hash" => [{ a: 1, b: 2 }, [[:a, 1], [:b, 2]]], "an Enumerator" => [[5, 6].each, [5, 6]],
      "what has an index" => [%w[a b].each_with_index, [["a", 0], ["b", 1]]],
      "a lazy one" => [(1..Float::INFINITY).lazy.map { |n| n * 2 }.first(3).lazy, [2, 4, 6]],
      "a Struct" => [Struct.new(:a, :b).new(1, nil), [1, nil]], "a block" => [-> { 1..3 }, [1, 2, 3]]
    }.each do |what, (source, expected)|
      it what do
        %i[from using].each do |option|
          job = numbers(option => source)
          expect([job.run, job.results]).to eq([expected.size, expected])
        end
      end
    end

    it "anything that answers each, whatever it yields" do
      job = numbers(from: eachable([1], [2, 3], [nil], [[4, 5]], []))
      job.run
      expect(job.results).to eq([1, [2, 3], nil, [4, 5], nil])
    end

    it "a block of the instance's own, asked at each run" do
      job = job do
        producer :source, from: -> { rows }
        consumer(:sink) { |n| @results << n }
      end
      job.define_singleton_method(:rows) { [@results.size] }
      2.times { job.run }
      expect(job.results).to eq([0, 1])
    end

    it "an endless one, which is never far ahead" do
      taken = 0
      ahead = 0
      endless = Enumerator.new { |out| loop { out << (taken += 1) } }
      job = job do
        producer :source, from: endless
        consumer :sink do |n|
          ahead = [ahead, taken - n].max
          n == 3_000 ? Thread.main.raise(IOError, "enough") : @results << n
        end
      end
      expect { job.run }.to raise_error(IOError, "enough")
      expect(job.results.first(2_999)).to eq((1..2_999).to_a)
      # What waits, what is in hand on either side, and what the Enumerator has made.
      expect(ahead).to be <= Minigun::Flow::Node::MOST + 4
    end

    it "an endless one ends with a signal" do
      Runs::SORTS.each do |kind|
        result = run_script(path_of_script("signal_endless"), "TERM", kind.to_s)
        expect([result.timed_out, result.stderr, result.status.termsig]).to eq([false, "", 15])
        outcome = JSON.parse(result.stdout.lines.last, symbolize_names: true)
        expect(outcome).to include(children: 0)
        expect(outcome[:consumed]).to be >= 20
      end
    end

    it "one that raises halfway: what it gave is worked off" do
      source = Enumerator.new { |out| (out << 1 << 2) && raise("no more") }
      job = numbers(from: source)
      job.run
      expect(job.results).to eq([1, 2])
      expect(only_failure(job)).to have_attributes(stage: :source)
    end

    it "a source in a child process" do
      Runs::FORKED.each do |kind|
        job = job do
          Runs.within(self, kind) { |options| producer(:source, options.merge(from: 1..500)) }
          consumer(:sink) { |n| @results << n }
        end
        expect([job.run, job.results]).to eq([500, (1..500).to_a])
      end
    end
  end

  def path_of_script(name) = File.join(Processes::ROOT, "spec/scripts/#{name}.rb")

  describe "Kiba's parts" do
    before { File.write(path("in"), "head\nred fish\nblue fish\nno thing\n") }

    Runs::KINDS.each do |kind|
      it "are stages by other words around them, in #{kind}" do
        input = path("in")
        output = path("out")
        job = job do
          producer :read, from: [KibaParts::Lines, input, { skip: 1 }]
          processor :reject, using: KibaParts::Reject.new(:line, /no/)
          Runs.within(self, kind) do |options|
            processor(:explode, options.merge(using: KibaParts::Explode))
            processor(:upcase, options.merge(using: [KibaParts::Upcase, :word]))
          end
          processor :tally, using: [KibaParts::Tally, { by: :word }]
          writer = [KibaParts::Writer, output, %i[key count]]
          Runs.within(self, kind) { |options| consumer(:write, options.merge(using: writer)) }
        end
        job.run

        expect(File.readlines(output, chomp: true).sort).to eq(["BLUE 1", "FISH 2", "RED 1"])
        expect(job.report).to be_success
      end
    end
  end

  describe "an object" do
    it "that answers call has its value go on, unless it is nil or false" do
      double = ->(n) { { 2 => nil, 4 => false }.fetch(n) { n * 2 } }
      job = job do
        producer :source, from: 1..5
        processor :double, using: double
        consumer(:sink) { |n| @results << n }
      end
      job.run
      expect(job.results).to eq([2, 6, 10])
    end

    it "gets Arrays as they are" do
      job = job do
        producer :source, from: [[1, 2], []]
        processor :pass, using: ->(list) { list }
        consumer(:sink) { |list| @results << [list] }
      end
      job.run
      expect(job.results).to eq([[[1, 2]], [[]]])
    end

    it "emits nothing as a consumer but what it yields" do
      results = []
      job = job do
        producer :source, from: [1]
        consumer :one, using: ->(n) { n }
        consumer(:two) { |n| results << n }
      end
      job.run
      expect(results).to eq([])
    end

    it "fails one by one, and may be tried again" do
      calls = Hash.new(0)
      work = ->(n) { (calls[n] += 1) < 2 && n.even? ? raise("no") : n }
      job = job do
        producer :source, from: 1..4
        processor :work, using: work, retries: 1
        consumer(:sink) { |n| @results << n }
      end
      job.run
      expect([job.results, job.report.retried]).to eq([[1, 2, 3, 4], 2])
    end

    it "is shared by threads and closed once, also without items" do
      closed = []
      sink = Class.new do
        define_method(:initialize) { |list| @list = list }
        def write(_row) = nil
        define_method(:close) { closed << object_id }
      end
      [[0, 4, :threads], [50, 4, :threads], [50, 3, :thread_per_batch], [50, 1, :inline]].each do |count, width, kind|
        closed.clear
        job = job do
          producer(:source) { count.times { |n| emit n } }
          Runs.within(self, kind, width) { |options| consumer(:sink, options.merge(using: [sink, closed])) }
        end
        job.run
        expect(closed.size).to eq(1)
      end
    end

    it "is closed once where a partition gives each slot its own items" do
      closed = 0
      sink = Object.new
      sink.define_singleton_method(:write) { |_| nil }
      sink.define_singleton_method(:close) { closed += 1 }
      job = job do
        producer :source, from: 1..20
        partition by: :itself
        threads(3) { consumer :sink, using: sink }
      end
      job.run
      expect(closed).to eq(1)
    end

    it "of a class is one of each process that has work" do
      output = path("out")
      job = job do
        producer :source, from: (1..4).map { |n| { n: n } }
        process_per_batch(max: 2) { consumer :sink, using: [KibaParts::Writer, output, [:n]] }
      end
      job.run
      expect(File.readlines(output, chomp: true).sort).to eq(%w[1 2 3 4])
    end

    it "that fails when it is closed is reported, in children too" do
      Runs::SORTS.each do |kind|
        sink = Object.new
        sink.define_singleton_method(:write) { |_| nil }
        sink.define_singleton_method(:close) { raise IOError, "disk full" }
        job = job do
          producer :source, from: [1]
          Runs.within(self, kind, 1) { |options| consumer(:sink, options.merge(using: sink)) }
        end
        job.run
        expect(only_failure(job).error).to be_a(IOError)
        expect(job.report.stages[:sink]).to include(accepted: 2, processed: 1, failed: 1)
      end
    end

    it "that writes to a standard stream leaves it open" do
      expect do
        job do
          producer :source, from: %w[a b]
          consumer :sink, using: $stdout
        end.run
      end.to output("ab").to_stdout
      expect($stdout.closed?).to be(false)
    end

    it "is a stage by code as well" do
      pipeline = Minigun::Pipeline.new(:by_code)
      seen = []
      pipeline.add_stage(:producer, :a, from: 1..3)
      pipeline.add_stage(:consumer, :b, using: ->(n) { seen << n })
      expect([pipeline.run(Object.new), seen]).to eq([3, [1, 2, 3]])
      expect(pipeline.stages.values.map(&:options)).to eq([{}, {}])
    end
  end

  describe "what cannot do the work raises when the stage is defined" do
    {
      "a producer of a number" => [->(dsl) { dsl.producer(:x, from: 5) }, /from of :x.*each or call.*5/],
      "a producer of a name" => [->(dsl) { dsl.producer(:x, from: :y) }, /from of :x.*each or call.*:y/],
      "a producer of nothing" => [->(dsl) { dsl.producer(:x, using: nil) }, /using of :x.*nil/],
      "a processor" => [->(dsl) { dsl.processor(:x, using: 5) }, /using of :x.*process or call or write.*5/],
      "a class" => [->(dsl) { dsl.consumer(:x, using: String) }, /using of :x.*write or call or process.*String/],
      "a class and arguments" => [->(dsl) { dsl.consumer(:x, using: [String, 1]) }, /using of :x.*String, 1/],
      "an Array" => [->(dsl) { dsl.consumer(:x, using: [1]) }, /using of :x.*\[1\]/],
      "an object and a block" =>
        [->(dsl) { dsl.processor(:x, using: ->(n) { n }) { |n| n } }, /processor :x.*using and a block/],
      "neither" => [->(dsl) { dsl.processor(:x, {}) }, /processor :x: a block is needed/]
    }.each do |what, (definition, message)|
      it what do
        expect { job { definition.call(self) }.run }.to raise_error(ArgumentError, message)
      end
    end
  end
end
