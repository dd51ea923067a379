# frozen_string_literal: true

RSpec.describe "the warm-up before forks (issue 6, 9)" do
  # @return [Array<Integer>] 1 for each step that has collected garbage: Process.warmup may do so more than once
  def collections(*steps)
    result = run_script(File.join(Processes::ROOT, "spec/scripts/warmup.rb"), *steps)
    expect(result).to be_success, result.stderr
    expect(result.stderr).to eq("")
    JSON.parse(result.stdout.lines.last)["collections"].map { |count| count.clamp(0, 1) }
  end

  it "is done once in a run, and again when much was allocated since" do
    expect(collections("run", "run", "allocate", "run", "perform")).to eq([1, 0, 0, 1, 0])
  end

  it "is left out where the user has just collected all garbage" do
    expect(collections("collect", "run", "allocate", "run")).to eq([1, 0, 0, 1])
    expect(collections("collect", "allocate", "run", "run")).to eq([1, 0, 1, 0])
    expect(collections("collect_later", "run")).to eq([1, 1])
    expect(collections("collect", "collect_young", "run")).to eq([1, 0, 1])
  end

  it "gives freed memory back to the system also where the user has collected all garbage" do
    glibc = RbConfig::CONFIG["host_os"].include?("linux-gnu") && ENV["LD_PRELOAD"].to_s.empty?
    skip "the C library is another one" unless glibc

    result = run_script(<<~RUBY)
      require "minigun"
      Minigun.logger.level = Logger::ERROR
      job = Class.new do
        include Minigun::DSL

        pipeline do
          producer(:source) { emit 1 }
          process_per_batch(max: 1) { consumer(:work) { |_| nil } }
        end
      end
      resident = -> { Integer(File.read("/proc/self/statm").split[1]) * 4096 }
      texts = Array.new(10_000) { "x" * 5_000 }
      last = texts.pop
      texts = nil
      GC.start
      before = resident.call
      job.new.run
      print (before - resident.call) / 1_000_000, " ", last.size
    RUBY
    expect(result).to be_success, result.stderr
    expect(result.stdout.split.map(&:to_i)).to match([(be >= 30), 5_000])
  end

  it "is left out where a class or a run says so; the run is stronger" do
    expect(collections("run_without", "cold", "perform_without", "cold_with")).to eq([0, 0, 0, 1])
  end

  it "is not done for runs that do not fork, and done for a context that does" do
    expect(collections("inline", "context", "context", "allocate", "inline", "context")).to eq([0, 1, 0, 0, 0, 1])
  end

  it "refuses values that are neither true nor false, before anything starts" do
    begun = []
    klass = Class.new do
      include Minigun::DSL

      pipeline { producer(:source) { begun << 1 } }
    end
    [0, "no", :yes].each do |value|
      expect { klass.new.run(warmup: value) }
        .to raise_error(ArgumentError, "warmup must be true or false, got #{value.inspect}")
    end
    expect { klass.warmup(nil) }.to raise_error(ArgumentError, "warmup must be true or false, got nil")
    expect(begun).to eq([])
  end
end
