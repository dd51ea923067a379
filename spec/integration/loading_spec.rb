# frozen_string_literal: true

require "pathname"
require "tmpdir"

# Every example is a program of its own, started in a directory that has nothing to do with the
# library, with neither -I nor Bundler.
RSpec.describe "loading (contract 1)" do
  let(:directory) { Dir.mktmpdir }
  let(:lib) { File.join(Processes::ROOT, "lib") }
  let(:job) { <<~RUBY }
    class Job
      include Minigun::DSL
      def initialize = @rows = []
      pipeline do
        producer(:numbers) { 4.times { |i| emit i } }
        processes(2) { processor(:square) { |i| emit i * i } }
        consumer(:keep) { |i| @rows << i }
        after_run { puts @rows.sort.join(",") }
      end
    end
    Minigun.logger.level = Logger::WARN
    puts Job.new.run
  RUBY

  after { FileUtils.rm_rf(directory) }

  def write(name, source)
    File.join(directory, name).tap { |path| File.write(path, source) }
  end

  # @return [Array<String>] the lines a program prints; anything on stderr fails
  def run_bare(*options, source)
    script = write("script.rb", source)
    cleared = ENV.keys.grep(/\A(?:BUNDLE|BUNDLER|RUBY)/).to_h { |name| [name, nil] }
    result = run_command(RbConfig.ruby, "-W", *options, script, env: cleared, chdir: "/")
    expect([result.stderr, result.success?]).to eq(["", true])
    result.stdout.lines.map(&:chomp)
  end

  [[], ["--disable-gems"], ["--disable=gems,did_you_mean,error_highlight"]].each do |options|
    it "works by a relative require alone#{", with #{options.first}" if options.any?} (contract 1.2)" do
      relative = Pathname(lib).relative_path_from(Pathname(directory).realpath)
      expect(run_bare(*options, "require_relative #{"#{relative}/minigun".inspect}\n#{job}")).to eq(["0,1,4,9", "4"])
    end
  end

  it "works through a symbolic link to the library, and once for all of its names (contract 1.2)" do
    File.symlink(lib, File.join(directory, "linked"))
    expect(run_bare("require_relative 'linked/minigun'\n$LOAD_PATH << #{lib.inspect}\n#{job}")).to eq(["0,1,4,9", "4"])
  end

  it "brings the standard libraries that scripts take for granted (contract 1.3)" do
    lines = run_bare("--disable-gems", <<~RUBY)
      require #{File.join(lib, "minigun").inspect}
      puts Time.at(0).utc.iso8601, [1, { "a" => nil }].to_json, JSON.parse("[2]").inspect, Set.new([3]).size
      puts Logger::INFO, SecureRandom.hex(1).size
    RUBY
    expect(lines).to eq(["1970-01-01T00:00:00Z", '[1,{"a":null}]', "[2]", "1", "1", "2"])
  end

  describe "lib/minigun/execution/context.rb (contract 1.1)" do
    let(:use) { <<~RUBY }
      types = %i[inline thread fork ractor]
      puts types.map { |type| Minigun::Execution.create_context(type, "x").execute { type }.join }.inspect
      begin
        Minigun::Execution.create_context(:fork, "x").execute { raise ArgumentError, "from the child" }.join
      rescue ArgumentError => e
        puts e.message
      end
    RUBY
    let(:answer) { ["[:inline, :thread, :fork, :ractor]", "from the child"] }
    let(:context) { "require_relative #{File.join(lib, "minigun/execution/context").inspect}\n" }
    let(:minigun) { "require_relative #{File.join(lib, "minigun").inspect}\n" }

    it "works without the library" do
      expect(run_bare("#{context}#{use}p defined?(Minigun::DSL)\n")).to eq([*answer, "nil"])
    end

    it "may come before the library" do
      expect(run_bare(context + use + minigun + job)).to eq([*answer, "0,1,4,9", "4"])
    end

    it "may come after the library" do
      # Blocks that use variables of their surroundings cannot run in a Ractor: that is said now.
      expect(run_bare(minigun + context + use + job))
        .to match([/WARN.*RactorContext.*in a thread/, *answer, "0,1,4,9", "4"])
    end
  end

  describe "the same classes again (contracts 1.5 and 3.7)" do
    let(:base) { <<~RUBY }
      class Base
        include Minigun::DSL
        attr_reader :rows
        def initialize = @rows = []
        pipeline do
          before_run { @rows << :start }
          producer(:src) { 4.times { |i| emit i } }
          batch 2
          process_per_batch(max: 1) { processor(:sum) { |pair| emit pair.sum } }
          consumer(:sink, after: -> { @rows << :done }) { |i| @rows << i }
        end
      end

      class Sub < Base
        pipeline do
          processor(:negate) { |i| emit(-i) }
          reroute_stage :sum, to: :negate
          reroute_stage :negate, to: :sink
        end
      end
    RUBY
    let(:show) { "[Base, Sub].each { |klass| puts klass.new.tap(&:run).rows.inspect }\n" }
    let(:head) { "require #{File.join(lib, "minigun").inspect}\nMinigun.logger.level = Logger::WARN\n$VERBOSE = nil\n" }
    let(:rows) { ["[:start, 1, :done, 5, :done]", "[:start, -1, :done, -5, :done]"] }

    it "are the same when their file is loaded three times, runs in between included" do
      file = write("base.rb", base).inspect
      expect(run_bare("#{head}3.times do\nload #{file}\n#{show}end\n")).to eq(rows * 3)
    end

    it "are what the last of two files says, with another constructor" do
      first = write("base.rb", base).inspect
      second = write("other.rb", <<~RUBY).inspect
        class Base
          include Minigun::DSL
          def initialize(size:) = (@size, @rows = size, [])
          pipeline do
            producer(:other) { 3.times { |i| emit i } }
            batch @size
            consumer(:sink) { |group| @rows << group }
          end
        end
      RUBY
      last = "puts Base.new(size: 2).tap(&:run).rows.inspect\nputs Base._minigun_task.stages.keys.inspect\n"
      expect(run_bare("#{head}load #{first}\n#{show}load #{second}\n#{last}load #{first}\n#{show}"))
        .to eq([*rows, "[[0, 1], [2]]", "[:other, :_batch_0, :sink]", *rows])
    end

    it "take a module that includes the DSL, loaded again too" do
      file = write("mixin.rb", <<~RUBY).inspect
        module Source
          include Minigun::DSL
          pipeline { producer(:src) { 2.times { |i| emit i } } }
        end
        class Mixed
          include Source
          attr_reader :rows
          def initialize = @rows = []
          pipeline { consumer(:sink) { |i| @rows << i } }
        end
      RUBY
      expect(run_bare("#{head}2.times do\nload #{file}\np Mixed.new.tap(&:run).rows\nend\n")).to eq(["[0, 1]"] * 2)
    end
  end

  it "keeps what was set when the library's own file is loaded again (contract 2)" do
    lines = run_bare(<<~RUBY)
      require #{File.join(lib, "minigun").inspect}
      $VERBOSE = nil
      Minigun.logger = logger = Logger.new($stderr, level: Logger::WARN)
      load #{File.join(lib, "minigun.rb").inspect}
      p Minigun.logger.equal?(logger)
      #{job}
    RUBY
    expect(lines).to eq(["true", "0,1,4,9", "4"])
  end
end
